;; Calls itself without end when it is instantiated.
(module
  (func $start (call $start))
  (start $start))
