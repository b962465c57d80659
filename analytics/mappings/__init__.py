"""The policy as tables that people edit, without loss: what no cell holds is kept."""
