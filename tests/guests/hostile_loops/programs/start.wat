;; Loops when it is instantiated, before anything is called.
(module
  (func $start (loop $again (br $again)))
  (start $start))
