;; A memory that is over the limit from the start: no instruction has to ask for it.
(module (memory 2048))
