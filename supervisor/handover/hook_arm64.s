//go:build !cgo

#include "textflag.h"

#define SYS_tgkill       131
#define SYS_rt_sigreturn 139
#define EINVAL           22

// sigaction is what the runtime calls, as a function of C, to install a handler:
// R0 is the signal, R1 what is to be, R2 what was. It keeps back those that are
// to come later. For EINVAL, the runtime does it itself.
TEXT ·sigaction(SB),NOSPLIT|NOFRAME,$0
	CMP	$32, R0
	BHS	itself
	MOVD	·keptBack(SB), R3
	LSR	R0, R3, R3
	TBZ	$0, R3, itself
	CBZ	R1, done
	MOVD	$·actions(SB), R4
	ADD	R0<<5, R4, R4
	LDP	0(R1), (R5, R6)
	STP	(R5, R6), 0(R4)
	LDP	16(R1), (R5, R6)
	STP	(R5, R6), 16(R4)
done:
	MOVD	$0, R0
	RET
itself:
	MOVD	$EINVAL, R0
	RET

// catch is the handler of signal R0: sends it on to the executor if there is
// one, else takes it down.
TEXT ·catch(SB),NOSPLIT|NOFRAME,$0
	MOVD	·executor(SB), R1
	CBZ	R1, note
	MOVD	R0, R2
	MOVD	·process(SB), R0
	MOVD	$SYS_tgkill, R8
	SVC
	RET
note:
	MOVD	$1, R3
	LSL	R0, R3, R3
	MOVD	$·noted(SB), R4
again:
	LDAXR	(R4), R5
	ORR	R3, R5, R5
	STLXR	R5, (R4), R6
	CBNZ	R6, again
	RET

TEXT ·sigreturn(SB),NOSPLIT|NOFRAME,$0
	MOVD	$SYS_rt_sigreturn, R8
	SVC

TEXT ·handlers(SB),NOSPLIT,$0-16
	MOVD	$·catch(SB), R0
	MOVD	R0, handler+0(FP)
	MOVD	$·sigreturn(SB), R0
	MOVD	R0, restorer+8(FP)
	RET

DATA	_cgo_sigaction(SB)/8, $·sigaction(SB)
GLOBL	_cgo_sigaction(SB),NOPTR,$8
