/** The columns of the log of spans. */

/** Columns of node-spans.parquet. Times are virtual, in nanoseconds. */
export const NODE_SPAN_COLUMNS = {
  node: 'int32',
  kind: 'string',
  start_ns: 'int64',
  end_ns: 'int64',
  round: 'int32',
} as const;

/** Columns of message-spans.parquet, one row for each attempt; sizes are bytes that were sent. */
export const MESSAGE_SPAN_COLUMNS = {
  sequence: 'int64',
  attempt: 'int32',
  from: 'int32',
  to: 'int32',
  type: 'string',
  round: 'int32',
  queued_ns: 'int64',
  tx_start_ns: 'int64?',
  tx_end_ns: 'int64?',
  arrived_ns: 'int64?',
  values_bytes: 'int64',
  index_bytes: 'int64',
  header_bytes: 'int64',
  framing_bytes: 'int64',
  outcome: 'string',
} as const;
