# A graph as for Shadow, made up: two cities with hosts, a slow village, and an exchange between them.
graph [
  directed 0
  node [
    id 0
    label "city"
    host_bandwidth_up "20 Mbit"
    host_bandwidth_down "100 Mbit"
  ]
  node [
    id 1
    label "town"
    host_bandwidth_up "10 Mbit"
    host_bandwidth_down "50 Mbit"
  ]
  node [
    id 2
    label "village"
    host_bandwidth_up "2 Mbit"
    host_bandwidth_down "10 Mbit"
  ]
  edge [ source 0 target 0 latency "2 ms" packet_loss 0.0 ]
  edge [ source 1 target 1 latency "4 ms" packet_loss 0.0 ]
  edge [ source 2 target 2 latency "9 ms" packet_loss 0.0 ]
  edge [ source 0 target 1 latency "18 ms" packet_loss 0.001 ]
  edge [ source 1 target 2 latency "25 ms" packet_loss 0.01 ]
  edge [ source 0 target 2 latency "60 ms" packet_loss 0.0 ]
]
