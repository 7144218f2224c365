"""The operations that the demo and the measurements send; they double as examples of the graph."""

IMPORT = """
mutation Import($file: Upload!, $source: String!) {
  importAddresses(file: $file, source: $source) {
    addressImport { id total }
    problems { field message }
  }
}
"""

WATCH_IMPORT = """
subscription WatchImport($id: ID!, $after: String) {
  addressImport(id: $id, after: $after) {
    updateId status total done added changed unchanged rejected
  }
}
"""

INDEXED = "query Indexed($id: ID!) { addressImport(id: $id) { status added changed indexed } }"

SUBSCRIBE = """
mutation Subscribe($input: SubscribeInput!) {
  subscribe(input: $input) {
    subscriber { id name }
    matchTask { id status }
    knownAddress { id formatted }
    problems { field message }
  }
}
"""

WATCH_TASK = """
subscription WatchTask($id: ID!, $after: String) {
  matchTask(id: $id, after: $after) {
    updateId
    status
    matchTask {
      score
      verdict
      address { id reference formatted }
      evidence { field typed known similarity contribution note }
    }
  }
}
"""

WATCH_STATUS = """
subscription WatchStatus($id: ID!, $after: String) {
  matchTask(id: $id, after: $after) { updateId status }
}
"""

MATCH_BATCH = """
mutation Clean($file: Upload!) {
  matchBatch(file: $file) {
    matchBatch { id total rejected }
    problems { field message }
  }
}
"""

WATCH_BATCH = """
subscription WatchBatch($id: ID!, $after: String) {
  matchBatch(id: $id, after: $after) { updateId status total done matched inReview new failed rejected }
}
"""

RESULTS = """
query Results($id: ID!, $after: String) {
  matchBatch(id: $id) {
    results(first: 1000, after: $after) {
      nodes { row queryId verdict score address { id reference } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
