package main

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"runtime"
)

// serviceProgram returns the executable that every service runs. It writes
// its pid and the time (CLOCK_MONOTONIC) to standard output and then waits for
// signals: that tells exactly when it began, and costs next to nothing beside
// what supervising it costs. No compiler makes one as small, so it is made
// here: headers, and the instructions.
func serviceProgram() ([]byte, error) {
	machine, service, _ := instructions(runtime.GOARCH)
	return executable(machine, service)
}

// trueProgram returns an executable that does nothing, with success.
func trueProgram() ([]byte, error) {
	machine, _, nothing := instructions(runtime.GOARCH)
	return executable(machine, nothing)
}

func executable(machine elf.Machine, code []byte) ([]byte, error) {
	if code == nil {
		return nil, fmt.Errorf("no program for %s yet: see instructions", runtime.GOARCH)
	}
	const base, headers = 0x400000, 64 + 56
	size := uint64(headers + len(code))
	file, _ := binary.Append(nil, binary.LittleEndian, elf.Header64{
		Ident:     [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:      uint16(elf.ET_EXEC),
		Machine:   uint16(machine),
		Version:   uint32(elf.EV_CURRENT),
		Entry:     base + headers,
		Phoff:     64,
		Ehsize:    64,
		Phentsize: 56,
		Phnum:     1,
	})
	file, _ = binary.Append(file, binary.LittleEndian, elf.Prog64{
		Type:   uint32(elf.PT_LOAD),
		Flags:  uint32(elf.PF_R | elf.PF_X),
		Vaddr:  base,
		Paddr:  base,
		Filesz: size,
		Memsz:  size,
		Align:  0x10000,
	})
	return append(file, code...), nil
}

// instructions returns the code of the service program and of the one that
// does nothing, nil for an architecture they have not been written for.
func instructions(arch string) (machine elf.Machine, service, nothing []byte) {
	switch arch {
	case "amd64":
		service = []byte("" +
			"\x48\x83\xec\x20" + //         sub $32, %rsp
			"\xb8\xe4\x00\x00\x00" + //     mov $228, %eax    clock_gettime
			"\xbf\x01\x00\x00\x00" + //     mov $1, %edi      CLOCK_MONOTONIC
			"\x48\x8d\x74\x24\x08" + //     lea 8(%rsp), %rsi
			"\x0f\x05" + //                 syscall
			"\xb8\x27\x00\x00\x00" + //     mov $39, %eax     getpid
			"\x0f\x05" + //                 syscall
			"\x48\x89\x04\x24" + //         mov %rax, (%rsp)
			"\xb8\x01\x00\x00\x00" + //     mov $1, %eax      write
			"\xbf\x01\x00\x00\x00" + //     mov $1, %edi
			"\x48\x89\xe6" + //             mov %rsp, %rsi
			"\xba\x18\x00\x00\x00" + //     mov $24, %edx
			"\x0f\x05" + //                 syscall
			"\xb8\x22\x00\x00\x00" + // 1:  mov $34, %eax     pause
			"\x0f\x05" + //                 syscall
			"\xeb\xf7") //                  jmp 1b
		nothing = []byte("" +
			"\xb8\x3c\x00\x00\x00" + //     mov $60, %eax     exit
			"\x31\xff" + //                 xor %edi, %edi
			"\x0f\x05") //                  syscall
		return elf.EM_X86_64, service, nothing
	case "arm64":
		service, _ = binary.Append(nil, binary.LittleEndian, []uint32{
			0xd10083ff, //    sub sp, sp, #32
			0xd2800e28, //    mov x8, #113     clock_gettime
			0xd2800020, //    mov x0, #1       CLOCK_MONOTONIC
			0x910023e1, //    add x1, sp, #8
			0xd4000001, //    svc #0
			0xd2801588, //    mov x8, #172     getpid
			0xd4000001, //    svc #0
			0xf90003e0, //    str x0, [sp]
			0xd2800808, //    mov x8, #64      write
			0xd2800020, //    mov x0, #1
			0x910003e1, //    mov x1, sp
			0xd2800302, //    mov x2, #24
			0xd4000001, //    svc #0
			0xaa1f03e0, // 1: mov x0, xzr
			0xaa1f03e1, //    mov x1, xzr
			0xaa1f03e2, //    mov x2, xzr
			0xaa1f03e3, //    mov x3, xzr
			0xd2800928, //    mov x8, #73      ppoll
			0xd4000001, //    svc #0
			0x17fffffa, //    b 1b
		})
		nothing, _ = binary.Append(nil, binary.LittleEndian, []uint32{
			0xd2800ba8, //    mov x8, #93      exit
			0xd2800000, //    mov x0, #0
			0xd4000001, //    svc #0
		})
		return elf.EM_AARCH64, service, nothing
	}
	return elf.EM_NONE, nil, nil
}
