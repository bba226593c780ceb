//go:build !purego

#include "textflag.h"

// The number of ones in each number of four bits, in both halves of a register.
DATA ones<>+0(SB)/8, $0x0302020102010100
DATA ones<>+8(SB)/8, $0x0403030203020201
DATA ones<>+16(SB)/8, $0x0302020102010100
DATA ones<>+24(SB)/8, $0x0403030203020201
GLOBL ones<>(SB), RODATA|NOPTR, $32

// Registers: Y8 is what is wanted, Y9 the most bits, Y10 the table of ones, Y11 has 15 in each byte, Y12 1 in each byte
// and Y13 1 in each 16 bits.

// FAR sets the lanes of x, of 32 bits, in which the values at p differ in more bits than wanted. It uses y.
#define FAR(p, x, y) \
	VPXOR (p), Y8, x \
	VPSRLW $4, x, y \
	VPAND Y11, x, x \
	VPAND Y11, y, y \
	VPSHUFB x, Y10, x \
	VPSHUFB y, Y10, y \
	VPADDB y, x, x \
	VPMADDUBSW Y12, x, x \
	VPMADDWD Y13, x, x \
	VPCMPGTD Y9, x, x

// func nearPartsAVX2(part *uint32, n, want, most uint32) uint32
TEXT ·nearPartsAVX2(SB), NOSPLIT, $0-28
	MOVQ part+0(FP), SI
	MOVL n+8(FP), CX
	MOVL want+12(FP), AX
	MOVL most+16(FP), BX
	VMOVD AX, X8
	VMOVD BX, X9
	VPBROADCASTD X8, Y8
	VPBROADCASTD X9, Y9
	VMOVDQU ones<>(SB), Y10
	VPCMPEQB Y13, Y13, Y13
	VPABSB Y13, Y12
	VPSRLW $12, Y13, Y11
	VPACKUSWB Y11, Y11, Y11
	VPSRLW $15, Y13, Y13

	// Of what lies behind the first n, nothing is loaded that might have to come from far: the first eight instead.
	LEAQ 32(SI), R8
	LEAQ 64(SI), R9
	LEAQ 96(SI), R10
	CMPL CX, $8
	CMOVQLS SI, R8
	CMPL CX, $16
	CMOVQLS SI, R9
	CMPL CX, $24
	CMOVQLS SI, R10
	FAR(SI, Y0, Y4)
	FAR(R8, Y1, Y5)
	FAR(R9, Y2, Y6)
	FAR(R10, Y3, Y7)
	VMOVMSKPS Y0, AX
	VMOVMSKPS Y1, BX
	VMOVMSKPS Y2, CX
	VMOVMSKPS Y3, DX
	SHLL $8, BX
	SHLL $16, CX
	SHLL $24, DX
	ORL BX, AX
	ORL DX, CX
	ORL CX, AX
	NOTL AX
	VZEROUPPER
	MOVL AX, ret+24(FP)
	RET
