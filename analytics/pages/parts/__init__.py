"""What all dashboard pages share: reading the log, filters, status line, empty and error states."""
