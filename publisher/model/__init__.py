"""The words of the house: frozen values, checked when they are made."""
