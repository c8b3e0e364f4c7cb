;; A memory of four gigabytes from the start, all that its addresses reach.
(module (memory 65536))
