"""Pages about the graph, made on the server: for people with a browser, and as JSON.

They are read-only, and every question that they ask is bounded: of a node with a hundred thousand
neighbours they show the first, and say that there are more.
"""
