"""Concurrency: races of imports and actions by several clients, and whether some serial order explains the responses.

1. A call takes effect at one moment between its request and its response (linearizability), as the model says.
2. So an order explains a race if no call in it stands before one that had ended when it began, if the model, asked in
   this order, answers each call as the importer did, and if what is observed afterwards is what the model then shows.
3. A race that no order explains is a difference, and nothing else about it is.
"""
