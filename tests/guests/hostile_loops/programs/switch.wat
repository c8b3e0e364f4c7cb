;; Loops through a branch table, before anything is called.
(module
  (func $start
    (loop $again
      (br_table $again $again $again (i32.const 1))))
  (start $start))
