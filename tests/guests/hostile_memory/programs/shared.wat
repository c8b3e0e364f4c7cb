;; A memory to be shared between threads.
(module (memory 1 1 shared))
