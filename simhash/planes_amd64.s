//go:build !purego

#include "textflag.h"

// The constants of mix, in each of four lanes. VPMULUDQ multiplies the low halves of lanes, so the high half of a
// factor has a constant of its own.
DATA inc<>+0(SB)/8, $0x9e3779b97f4a7c15
DATA inc<>+8(SB)/8, $0x9e3779b97f4a7c15
DATA inc<>+16(SB)/8, $0x9e3779b97f4a7c15
DATA inc<>+24(SB)/8, $0x9e3779b97f4a7c15
GLOBL inc<>(SB), RODATA|NOPTR, $32

DATA c1<>+0(SB)/8, $0xbf58476d1ce4e5b9
DATA c1<>+8(SB)/8, $0xbf58476d1ce4e5b9
DATA c1<>+16(SB)/8, $0xbf58476d1ce4e5b9
DATA c1<>+24(SB)/8, $0xbf58476d1ce4e5b9
GLOBL c1<>(SB), RODATA|NOPTR, $32

DATA c1h<>+0(SB)/8, $0xbf58476d
DATA c1h<>+8(SB)/8, $0xbf58476d
DATA c1h<>+16(SB)/8, $0xbf58476d
DATA c1h<>+24(SB)/8, $0xbf58476d
GLOBL c1h<>(SB), RODATA|NOPTR, $32

DATA c2<>+0(SB)/8, $0x94d049bb133111eb
DATA c2<>+8(SB)/8, $0x94d049bb133111eb
DATA c2<>+16(SB)/8, $0x94d049bb133111eb
DATA c2<>+24(SB)/8, $0x94d049bb133111eb
GLOBL c2<>(SB), RODATA|NOPTR, $32

DATA c2h<>+0(SB)/8, $0x94d049bb
DATA c2h<>+8(SB)/8, $0x94d049bb
DATA c2h<>+16(SB)/8, $0x94d049bb
DATA c2h<>+24(SB)/8, $0x94d049bb
GLOBL c2h<>(SB), RODATA|NOPTR, $32

// Registers: Y6 to Y10 are the planes of ones, twos, fours, eights and sixteens. Y11 to Y14 hold the first of two carries
// out of the four lower planes, Y4, Y5, Y15 and Y0 the second. Y2 and Y3 are scratch.

// MUL multiplies x by a constant, modulo 2^64 in each lane.
#define MUL(x, c, ch) \
	VPSRLQ $32, x, Y2 \
	VPMULUDQ c<>(SB), Y2, Y2 \
	VPMULUDQ ch<>(SB), x, Y3 \
	VPADDQ Y2, Y3, Y2 \
	VPSLLQ $32, Y2, Y2 \
	VPMULUDQ c<>(SB), x, x \
	VPADDQ Y2, x, x

#define XORSHIFT(n, x) \
	VPSRLQ $n, x, Y2 \
	VPXOR Y2, x, x

// MIX is mix of four features.
#define MIX(off, x) \
	VMOVDQU off(SI), x \
	VPADDQ inc<>(SB), x, x \
	XORSHIFT(30, x) \
	MUL(x, c1, c1h) \
	XORSHIFT(27, x) \
	MUL(x, c2, c2h) \
	XORSHIFT(31, x)

// CSA adds a and b to the plane l; h, which may be a or b, is the carry.
#define CSA(l, a, b, h) \
	VPXOR a, l, Y2 \
	VPAND a, l, Y3 \
	VPXOR b, Y2, l \
	VPAND b, Y2, Y2 \
	VPOR Y2, Y3, h

#define PAIR(off, h) \
	MIX(off, Y0) \
	MIX(off+32, Y1) \
	CSA(Y6, Y0, Y1, h)

#define FOUR(off, h) \
	PAIR(off, Y11) \
	PAIR(off+64, Y4) \
	CSA(Y7, Y11, Y4, h)

#define EIGHT(off, h) \
	FOUR(off, Y12) \
	FOUR(off+128, Y5) \
	CSA(Y8, Y12, Y5, h)

#define SIXTEEN(off, h) \
	EIGHT(off, Y13) \
	EIGHT(off+256, Y15) \
	CSA(Y9, Y13, Y15, h)

// func addLanesAVX2(x *[128]uint64, low *[5][4]uint64, carry *[4]uint64)
TEXT ·addLanesAVX2(SB), NOSPLIT, $0-24
	MOVQ x+0(FP), SI
	MOVQ low+8(FP), DI
	MOVQ carry+16(FP), DX
	VMOVDQU 0(DI), Y6
	VMOVDQU 32(DI), Y7
	VMOVDQU 64(DI), Y8
	VMOVDQU 96(DI), Y9
	VMOVDQU 128(DI), Y10
	SIXTEEN(0, Y14)
	SIXTEEN(512, Y0)
	CSA(Y10, Y14, Y0, Y0)
	VMOVDQU Y0, (DX)
	VMOVDQU Y6, 0(DI)
	VMOVDQU Y7, 32(DI)
	VMOVDQU Y8, 64(DI)
	VMOVDQU Y9, 96(DI)
	VMOVDQU Y10, 128(DI)
	VZEROUPPER
	RET

// func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, eax+8(FP)
	MOVL BX, ebx+12(FP)
	MOVL CX, ecx+16(FP)
	MOVL DX, edx+20(FP)
	RET

// func xgetbv() (eax uint32)
TEXT ·xgetbv(SB), NOSPLIT, $0-4
	XORL CX, CX
	XGETBV
	MOVL AX, eax+0(FP)
	RET
