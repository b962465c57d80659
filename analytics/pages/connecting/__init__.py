"""What the Connection page works out before it lays anything out."""
