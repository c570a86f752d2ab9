//go:build !cgo

#include "textflag.h"

#define SYS_rt_sigreturn 15
#define SYS_tgkill       234
#define EINVAL           22

// sigaction is what the runtime calls, as a function of C, to install a handler:
// DI is the signal, SI what is to be, DX what was. It keeps back those that are
// to come later. For EINVAL, the runtime does it itself.
TEXT ·sigaction(SB),NOSPLIT|NOFRAME,$0
	MOVQ	·keptBack(SB), CX
	BTQ	DI, CX
	JCC	itself
	CMPQ	DI, $32
	JAE	itself
	XORL	AX, AX
	TESTQ	SI, SI
	JEQ	done
	SHLQ	$5, DI
	LEAQ	·actions(SB), CX
	ADDQ	DI, CX
	MOVQ	0(SI), R8
	MOVQ	R8, 0(CX)
	MOVQ	8(SI), R8
	MOVQ	R8, 8(CX)
	MOVQ	16(SI), R8
	MOVQ	R8, 16(CX)
	MOVQ	24(SI), R8
	MOVQ	R8, 24(CX)
done:
	RET
itself:
	MOVL	$EINVAL, AX
	RET

// catch is the handler of signal DI: sends it on to the executor if there is
// one, else takes it down.
TEXT ·catch(SB),NOSPLIT|NOFRAME,$0
	MOVQ	·executor(SB), SI
	TESTQ	SI, SI
	JEQ	note
	MOVQ	DI, DX
	MOVQ	·process(SB), DI
	MOVL	$SYS_tgkill, AX
	SYSCALL
	RET
note:
	MOVQ	DI, CX
	MOVL	$1, AX
	SHLQ	CX, AX
	LOCK
	ORQ	AX, ·noted(SB)
	RET

TEXT ·sigreturn(SB),NOSPLIT|NOFRAME,$0
	MOVL	$SYS_rt_sigreturn, AX
	SYSCALL
	INT	$3

TEXT ·handlers(SB),NOSPLIT,$0-16
	LEAQ	·catch(SB), AX
	MOVQ	AX, handler+0(FP)
	LEAQ	·sigreturn(SB), AX
	MOVQ	AX, restorer+8(FP)
	RET

DATA	_cgo_sigaction(SB)/8, $·sigaction(SB)
GLOBL	_cgo_sigaction(SB),NOPTR,$8
