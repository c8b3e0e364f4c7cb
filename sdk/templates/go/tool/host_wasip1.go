package main

// How the host and this plugin pass texts to each other, for the functions of
// `lucid:plugin/tools` and `lucid:plugin/log`. The layout is the component model's canonical
// ABI: everything is made of 32-bit words, and a text is two of them, where it is and how long.

import (
	"errors"
	"unsafe"
)

// What the host sends comes to lie here. It asks for room while Go may not work, neither start
// a goroutine nor collect garbage, and once even before Go has started: so the room cannot come
// from Go. Each call is made in a new instance of the plugin, so nothing is given back.
var (
	room      [roomBytes / 8]uint64
	roomTaken uintptr
)

const roomBytes = 4 << 20

//go:wasmexport cabi_realloc
//go:nosplit
func cabiRealloc(old unsafe.Pointer, _, align, size uint32) unsafe.Pointer {
	start := (roomTaken + uintptr(align) - 1) &^ (uintptr(align) - 1)
	roomTaken = start + uintptr(size)
	if old != nil || roomTaken > roomBytes {
		panic("the host sends more than there is room for")
	}
	return unsafe.Add(unsafe.Pointer(&room), start)
}

//go:wasmexport lucid:plugin/tools@0.1.0#list-tools
func exportListTools() unsafe.Pointer {
	sent = nil
	var list []uint32
	for _, tool := range tools {
		list = append(list, text(tool.Name)...)
		list = append(list, 0, 0, 0) // No title.
		list = append(list, text(tool.Description)...)
		list = append(list, text(tool.InputSchema)...)
		list = append(list, 0, 0, 0) // No output schema.
		list = append(list, tool.Annotations)
	}
	return pointer([]uint32{word(pointer(list)), uint32(len(tools))})
}

//go:wasmexport lucid:plugin/tools@0.1.0#call-tool
func exportCallTool(name *byte, nameBytes uint32, input *byte, inputBytes uint32) unsafe.Pointer {
	sent = nil
	answer, err := callTool(unsafe.String(name, nameBytes), unsafe.String(input, inputBytes))
	if err != nil {
		failure := ToolError{Failed, err.Error()}
		errors.As(err, &failure)
		return pointer(append([]uint32{1, failure.Kind}, text(failure.Message)...))
	}
	// One block of JSON, the second kind of block; others have two words more.
	block := append([]uint32{1}, text(answer)...)
	block = append(block, 0, 0)
	return pointer([]uint32{0, word(pointer(block)), 1, 0})
}

//go:wasmimport lucid:plugin/log@0.1.0 write
func hostLog(level uint32, message unsafe.Pointer, messageBytes uint32)

// logDebug tells the people who read the event log. The model does not see it.
func logDebug(message string) {
	hostLog(0, unsafe.Pointer(unsafe.StringData(message)), uint32(len(message)))
}

// What the host has perhaps not read yet, for Go not to free it. The next call is the sign that
// it has.
var sent []any

func pointer(words []uint32) unsafe.Pointer {
	sent = append(sent, words)
	return unsafe.Pointer(unsafe.SliceData(words))
}

func text(text string) []uint32 {
	sent = append(sent, text)
	return []uint32{word(unsafe.Pointer(unsafe.StringData(text))), uint32(len(text))}
}

func word(pointer unsafe.Pointer) uint32 { return uint32(uintptr(pointer)) }
