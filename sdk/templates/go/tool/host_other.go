//go:build !wasip1

package main

import "log"

// logDebug stands in for the host's log in tests.
func logDebug(message string) { log.Print(message) }
