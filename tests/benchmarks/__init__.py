"""How fast the model is and how much memory it needs, beside other tools in the same run."""
