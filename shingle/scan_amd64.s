//go:build !purego

#include "textflag.h"

// The primes of XXH64, in each of four lanes. VPMULUDQ multiplies the low halves of lanes, so the high half of a factor
// has a constant of its own.
DATA p1<>+0(SB)/8, $0x9e3779b185ebca87
DATA p1<>+8(SB)/8, $0x9e3779b185ebca87
DATA p1<>+16(SB)/8, $0x9e3779b185ebca87
DATA p1<>+24(SB)/8, $0x9e3779b185ebca87
GLOBL p1<>(SB), RODATA|NOPTR, $32

DATA p1h<>+0(SB)/8, $0x000000009e3779b1
DATA p1h<>+8(SB)/8, $0x000000009e3779b1
DATA p1h<>+16(SB)/8, $0x000000009e3779b1
DATA p1h<>+24(SB)/8, $0x000000009e3779b1
GLOBL p1h<>(SB), RODATA|NOPTR, $32

DATA p2<>+0(SB)/8, $0xc2b2ae3d27d4eb4f
DATA p2<>+8(SB)/8, $0xc2b2ae3d27d4eb4f
DATA p2<>+16(SB)/8, $0xc2b2ae3d27d4eb4f
DATA p2<>+24(SB)/8, $0xc2b2ae3d27d4eb4f
GLOBL p2<>(SB), RODATA|NOPTR, $32

DATA p2h<>+0(SB)/8, $0x00000000c2b2ae3d
DATA p2h<>+8(SB)/8, $0x00000000c2b2ae3d
DATA p2h<>+16(SB)/8, $0x00000000c2b2ae3d
DATA p2h<>+24(SB)/8, $0x00000000c2b2ae3d
GLOBL p2h<>(SB), RODATA|NOPTR, $32

DATA p3<>+0(SB)/8, $0x165667b19e3779f9
DATA p3<>+8(SB)/8, $0x165667b19e3779f9
DATA p3<>+16(SB)/8, $0x165667b19e3779f9
DATA p3<>+24(SB)/8, $0x165667b19e3779f9
GLOBL p3<>(SB), RODATA|NOPTR, $32

DATA p3h<>+0(SB)/8, $0x00000000165667b1
DATA p3h<>+8(SB)/8, $0x00000000165667b1
DATA p3h<>+16(SB)/8, $0x00000000165667b1
DATA p3h<>+24(SB)/8, $0x00000000165667b1
GLOBL p3h<>(SB), RODATA|NOPTR, $32

DATA p4<>+0(SB)/8, $0x85ebca77c2b2ae63
DATA p4<>+8(SB)/8, $0x85ebca77c2b2ae63
DATA p4<>+16(SB)/8, $0x85ebca77c2b2ae63
DATA p4<>+24(SB)/8, $0x85ebca77c2b2ae63
GLOBL p4<>(SB), RODATA|NOPTR, $32

DATA p5<>+0(SB)/8, $0x27d4eb2f165667c5
DATA p5<>+8(SB)/8, $0x27d4eb2f165667c5
DATA p5<>+16(SB)/8, $0x27d4eb2f165667c5
DATA p5<>+24(SB)/8, $0x27d4eb2f165667c5
GLOBL p5<>(SB), RODATA|NOPTR, $32

DATA p5h<>+0(SB)/8, $0x0000000027d4eb2f
DATA p5h<>+8(SB)/8, $0x0000000027d4eb2f
DATA p5h<>+16(SB)/8, $0x0000000027d4eb2f
DATA p5h<>+24(SB)/8, $0x0000000027d4eb2f
GLOBL p5h<>(SB), RODATA|NOPTR, $32

// Masks and limits of lengths.
DATA low8<>+0(SB)/8, $0x00000000000000ff
DATA low8<>+8(SB)/8, $0x00000000000000ff
DATA low8<>+16(SB)/8, $0x00000000000000ff
DATA low8<>+24(SB)/8, $0x00000000000000ff
GLOBL low8<>(SB), RODATA|NOPTR, $32

DATA low16<>+0(SB)/8, $0x000000000000ffff
DATA low16<>+8(SB)/8, $0x000000000000ffff
DATA low16<>+16(SB)/8, $0x000000000000ffff
DATA low16<>+24(SB)/8, $0x000000000000ffff
GLOBL low16<>(SB), RODATA|NOPTR, $32

DATA fifteen<>+0(SB)/8, $0x000000000000000f
DATA fifteen<>+8(SB)/8, $0x000000000000000f
DATA fifteen<>+16(SB)/8, $0x000000000000000f
DATA fifteen<>+24(SB)/8, $0x000000000000000f
GLOBL fifteen<>(SB), RODATA|NOPTR, $32

DATA longer<>+0(SB)/8, $0xfffffffffffffffc
DATA longer<>+8(SB)/8, $0xfffffffffffffffc
DATA longer<>+16(SB)/8, $0xfffffffffffffffc
DATA longer<>+24(SB)/8, $0xfffffffffffffffc
GLOBL longer<>(SB), RODATA|NOPTR, $32

// In each byte: what makes letters small, the first letter and how many follow it, the same of digits, and of the bytes
// that characters beyond ASCII begin with, but for E0 and E1.
DATA small<>+0(SB)/8, $0x2020202020202020
DATA small<>+8(SB)/8, $0x2020202020202020
DATA small<>+16(SB)/8, $0x2020202020202020
DATA small<>+24(SB)/8, $0x2020202020202020
GLOBL small<>(SB), RODATA|NOPTR, $32

DATA letterA<>+0(SB)/8, $0x6161616161616161
DATA letterA<>+8(SB)/8, $0x6161616161616161
DATA letterA<>+16(SB)/8, $0x6161616161616161
DATA letterA<>+24(SB)/8, $0x6161616161616161
GLOBL letterA<>(SB), RODATA|NOPTR, $32

DATA letters<>+0(SB)/8, $0x1919191919191919
DATA letters<>+8(SB)/8, $0x1919191919191919
DATA letters<>+16(SB)/8, $0x1919191919191919
DATA letters<>+24(SB)/8, $0x1919191919191919
GLOBL letters<>(SB), RODATA|NOPTR, $32

DATA digit0<>+0(SB)/8, $0x3030303030303030
DATA digit0<>+8(SB)/8, $0x3030303030303030
DATA digit0<>+16(SB)/8, $0x3030303030303030
DATA digit0<>+24(SB)/8, $0x3030303030303030
GLOBL digit0<>(SB), RODATA|NOPTR, $32

DATA digits<>+0(SB)/8, $0x0909090909090909
DATA digits<>+8(SB)/8, $0x0909090909090909
DATA digits<>+16(SB)/8, $0x0909090909090909
DATA digits<>+24(SB)/8, $0x0909090909090909
GLOBL digits<>(SB), RODATA|NOPTR, $32

DATA leadC2<>+0(SB)/8, $0xc2c2c2c2c2c2c2c2
DATA leadC2<>+8(SB)/8, $0xc2c2c2c2c2c2c2c2
DATA leadC2<>+16(SB)/8, $0xc2c2c2c2c2c2c2c2
DATA leadC2<>+24(SB)/8, $0xc2c2c2c2c2c2c2c2
GLOBL leadC2<>(SB), RODATA|NOPTR, $32

DATA leadsC2<>+0(SB)/8, $0x3d3d3d3d3d3d3d3d
DATA leadsC2<>+8(SB)/8, $0x3d3d3d3d3d3d3d3d
DATA leadsC2<>+16(SB)/8, $0x3d3d3d3d3d3d3d3d
DATA leadsC2<>+24(SB)/8, $0x3d3d3d3d3d3d3d3d
GLOBL leadsC2<>(SB), RODATA|NOPTR, $32

DATA evens<>+0(SB)/8, $0xfefefefefefefefe
DATA evens<>+8(SB)/8, $0xfefefefefefefefe
DATA evens<>+16(SB)/8, $0xfefefefefefefefe
DATA evens<>+24(SB)/8, $0xfefefefefefefefe
GLOBL evens<>(SB), RODATA|NOPTR, $32

DATA leadE0<>+0(SB)/8, $0xe0e0e0e0e0e0e0e0
DATA leadE0<>+8(SB)/8, $0xe0e0e0e0e0e0e0e0
DATA leadE0<>+16(SB)/8, $0xe0e0e0e0e0e0e0e0
DATA leadE0<>+24(SB)/8, $0xe0e0e0e0e0e0e0e0
GLOBL leadE0<>(SB), RODATA|NOPTR, $32

// CLASSIFY makes the letters of the 32 bytes at off(DI) small, and sets word, high and lead to their masks.
#define CLASSIFY(off, word, high, lead) \
	VMOVDQU   off(DI), Y0          \
	VPOR      small<>(SB), Y0, Y1   \
	VPSUBB    letterA<>(SB), Y1, Y1 \
	VPMINUB   letters<>(SB), Y1, Y2 \
	VPCMPEQB  Y1, Y2, Y2            \
	VPSUBB    digit0<>(SB), Y0, Y3  \
	VPMINUB   digits<>(SB), Y3, Y4  \
	VPCMPEQB  Y3, Y4, Y4            \
	VPMOVMSKB Y0, high              \
	VPSUBB    leadC2<>(SB), Y0, Y5  \
	VPMINUB   leadsC2<>(SB), Y5, Y6 \
	VPCMPEQB  Y5, Y6, Y6            \
	VPAND     evens<>(SB), Y0, Y5   \
	VPCMPEQB  leadE0<>(SB), Y5, Y5  \
	VPANDN    Y6, Y5, Y6            \
	VPMOVMSKB Y6, lead              \
	VPAND     small<>(SB), Y2, Y1   \
	VPOR      Y2, Y4, Y4            \
	VPOR      Y0, Y4, Y4            \
	VPOR      Y1, Y0, Y0            \
	VMOVDQU   Y0, off(DI)           \
	VPMOVMSKB Y4, word

// func classifyAVX2(win *byte, blocks int, word, high, lead *uint64) (any uint64)
TEXT ·classifyAVX2(SB), NOSPLIT, $0-48
	MOVQ  win+0(FP), DI
	MOVQ  blocks+8(FP), CX
	MOVQ  word+16(FP), R8
	MOVQ  high+24(FP), R9
	MOVQ  lead+32(FP), R10
	XORL  AX, AX
	TESTQ CX, CX
	JZ    done

loop:
	CLASSIFY(0, R11, R12, R13)
	CLASSIFY(32, BX, DX, SI)
	SHLQ $32, BX
	ORQ  R11, BX
	MOVQ BX, (R8)
	SHLQ $32, DX
	ORQ  R12, DX
	MOVQ DX, (R9)
	ORQ  DX, AX
	SHLQ $32, SI
	ORQ  R13, SI
	MOVQ SI, (R10)
	ADDQ $64, DI
	ADDQ $8, R8
	ADDQ $8, R9
	ADDQ $8, R10
	DECQ CX
	JNZ  loop

done:
	MOVQ AX, any+40(FP)
	VZEROUPPER
	RET

// Small Cyrillic letters are D0 and B0 to BF, or D1 and 80 to 9F. The common Chinese characters are E4 and B8 to BF, or E5 to
// E9 and 80 to BF, and then another of 80 to BF.
DATA leadD0<>+0(SB)/8, $0xd0d0d0d0d0d0d0d0
DATA leadD0<>+8(SB)/8, $0xd0d0d0d0d0d0d0d0
DATA leadD0<>+16(SB)/8, $0xd0d0d0d0d0d0d0d0
DATA leadD0<>+24(SB)/8, $0xd0d0d0d0d0d0d0d0
GLOBL leadD0<>(SB), RODATA|NOPTR, $32

DATA leadD1<>+0(SB)/8, $0xd1d1d1d1d1d1d1d1
DATA leadD1<>+8(SB)/8, $0xd1d1d1d1d1d1d1d1
DATA leadD1<>+16(SB)/8, $0xd1d1d1d1d1d1d1d1
DATA leadD1<>+24(SB)/8, $0xd1d1d1d1d1d1d1d1
GLOBL leadD1<>(SB), RODATA|NOPTR, $32

DATA fromB0<>+0(SB)/8, $0xb0b0b0b0b0b0b0b0
DATA fromB0<>+8(SB)/8, $0xb0b0b0b0b0b0b0b0
DATA fromB0<>+16(SB)/8, $0xb0b0b0b0b0b0b0b0
DATA fromB0<>+24(SB)/8, $0xb0b0b0b0b0b0b0b0
GLOBL fromB0<>(SB), RODATA|NOPTR, $32

DATA to0F<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA to0F<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA to0F<>+16(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA to0F<>+24(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL to0F<>(SB), RODATA|NOPTR, $32

DATA from80<>+0(SB)/8, $0x8080808080808080
DATA from80<>+8(SB)/8, $0x8080808080808080
DATA from80<>+16(SB)/8, $0x8080808080808080
DATA from80<>+24(SB)/8, $0x8080808080808080
GLOBL from80<>(SB), RODATA|NOPTR, $32

DATA to1F<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA to1F<>+8(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA to1F<>+16(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA to1F<>+24(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL to1F<>(SB), RODATA|NOPTR, $32

DATA leadE4<>+0(SB)/8, $0xe4e4e4e4e4e4e4e4
DATA leadE4<>+8(SB)/8, $0xe4e4e4e4e4e4e4e4
DATA leadE4<>+16(SB)/8, $0xe4e4e4e4e4e4e4e4
DATA leadE4<>+24(SB)/8, $0xe4e4e4e4e4e4e4e4
GLOBL leadE4<>(SB), RODATA|NOPTR, $32

DATA fromE5<>+0(SB)/8, $0xe5e5e5e5e5e5e5e5
DATA fromE5<>+8(SB)/8, $0xe5e5e5e5e5e5e5e5
DATA fromE5<>+16(SB)/8, $0xe5e5e5e5e5e5e5e5
DATA fromE5<>+24(SB)/8, $0xe5e5e5e5e5e5e5e5
GLOBL fromE5<>(SB), RODATA|NOPTR, $32

DATA to04<>+0(SB)/8, $0x0404040404040404
DATA to04<>+8(SB)/8, $0x0404040404040404
DATA to04<>+16(SB)/8, $0x0404040404040404
DATA to04<>+24(SB)/8, $0x0404040404040404
GLOBL to04<>(SB), RODATA|NOPTR, $32

DATA fromB8<>+0(SB)/8, $0xb8b8b8b8b8b8b8b8
DATA fromB8<>+8(SB)/8, $0xb8b8b8b8b8b8b8b8
DATA fromB8<>+16(SB)/8, $0xb8b8b8b8b8b8b8b8
DATA fromB8<>+24(SB)/8, $0xb8b8b8b8b8b8b8b8
GLOBL fromB8<>(SB), RODATA|NOPTR, $32

DATA to07<>+0(SB)/8, $0x0707070707070707
DATA to07<>+8(SB)/8, $0x0707070707070707
DATA to07<>+16(SB)/8, $0x0707070707070707
DATA to07<>+24(SB)/8, $0x0707070707070707
GLOBL to07<>(SB), RODATA|NOPTR, $32

DATA to3F<>+0(SB)/8, $0x3f3f3f3f3f3f3f3f
DATA to3F<>+8(SB)/8, $0x3f3f3f3f3f3f3f3f
DATA to3F<>+16(SB)/8, $0x3f3f3f3f3f3f3f3f
DATA to3F<>+24(SB)/8, $0x3f3f3f3f3f3f3f3f
GLOBL to3F<>(SB), RODATA|NOPTR, $32

// IN sets m to the bytes of Y0 from first on, as many as count and one.
#define IN(first, count, m) \
	VPSUBB    first<>(SB), Y0, Y1 \
	VPMINUB   count<>(SB), Y1, Y2 \
	VPCMPEQB  Y1, Y2, Y1          \
	VPMOVMSKB Y1, m

#define IS(c, m) \
	VPCMPEQB  c<>(SB), Y0, Y1 \
	VPMOVMSKB Y1, m

// BOTH_IN and BOTH_ARE set m to a mask of the 64 bytes at DI. R15 is scratch.
#define BOTH_IN(first, count, m) \
	VMOVDQA Y8, Y0         \
	IN(first, count, m)    \
	VMOVDQA Y9, Y0         \
	IN(first, count, R15)  \
	SHLQ    $32, R15       \
	ORQ     R15, m

#define BOTH_ARE(c, m) \
	VMOVDQA Y8, Y0   \
	IS(c, m)         \
	VMOVDQA Y9, Y0   \
	IS(c, R15)       \
	SHLQ    $32, R15 \
	ORQ     R15, m

// func lettersAVX2(win *byte, blocks int, high, lead, solo *uint64)
TEXT ·lettersAVX2(SB), NOSPLIT, $0-40
	MOVQ  win+0(FP), DI
	MOVQ  blocks+8(FP), CX
	MOVQ  high+16(FP), R8
	MOVQ  lead+24(FP), R9
	MOVQ  solo+32(FP), R10
	TESTQ CX, CX
	JZ    done

loop:
	XORL  R11, R11
	MOVQ  (R9), R12
	TESTQ R12, R12
	JZ    next
	VMOVDQU (DI), Y8
	VMOVDQU 32(DI), Y9

	// Cyrillic: DX has the first bytes of the letters that lie in the block.
	BOTH_ARE(leadD0, AX)
	BOTH_IN(fromB0, to0F, DX)
	SHRQ $1, DX
	ANDQ AX, DX
	BOTH_ARE(leadD1, AX)
	BOTH_IN(from80, to1F, BX)
	SHRQ $1, BX
	ANDQ AX, BX
	ORQ  BX, DX

	// Chinese: R11.
	BOTH_ARE(leadE4, AX)
	BOTH_IN(fromB8, to07, BX)
	SHRQ $1, BX
	ANDQ BX, AX
	BOTH_IN(fromE5, to04, R11)
	ORQ  AX, R11
	BOTH_IN(from80, to3F, BX)
	SHRQ $1, BX
	ANDQ BX, R11
	SHRQ $1, BX
	ANDQ BX, R11

	MOVQ  DX, AX
	ORQ   R11, AX
	ANDNQ R12, AX, R12
	MOVQ  R12, (R9)
	LEAQ  (DX)(DX*2), DX   // both bytes
	MOVQ  R11, AX
	LEAQ  (R11)(R11*2), BX
	SHLQ  $2, AX
	ORQ   BX, AX           // all three
	ORQ   AX, DX
	MOVQ  (R8), AX
	ANDNQ AX, DX, AX
	MOVQ  AX, (R8)

next:
	MOVQ R11, (R10)
	ADDQ $64, DI
	ADDQ $8, R8
	ADDQ $8, R9
	ADDQ $8, R10
	DECQ CX
	JNZ  loop

done:
	VZEROUPPER
	RET

// EDGE writes the place of the lowest bit of R8, and clears it.
#define EDGE(off) \
	TZCNTQ R8, R9      \
	ADDL   DX, R9      \
	MOVW   R9, off(DI) \
	BLSRQ  R8, R8

// func edgesAVX2(idx *uint16, word *uint64, blocks int) (n int)
TEXT ·edgesAVX2(SB), NOSPLIT, $0-32
	MOVQ  idx+0(FP), DI
	MOVQ  word+8(FP), SI
	MOVQ  blocks+16(FP), CX
	MOVQ  DI, R12
	XORL  DX, DX            // where the block begins
	XORL  BX, BX            // the last bit of the block before
	TESTQ CX, CX
	JZ    done

loop:
	MOVQ    (SI), AX
	LEAQ    (BX)(AX*2), R8
	XORQ    AX, R8
	MOVQ    AX, BX
	SHRQ    $63, BX
	POPCNTQ R8, R10
	LEAQ    (DI)(R10*2), R10 // where the edges of the next block go

more:
	CMPQ DI, R10
	JAE  next
	EDGE(0)
	EDGE(2)
	EDGE(4)
	EDGE(6)
	EDGE(8)
	EDGE(10)
	EDGE(12)
	EDGE(14)
	ADDQ $16, DI
	JMP  more

next:
	MOVQ R10, DI
	ADDQ $8, SI
	ADDL $64, DX
	DECQ CX
	JNZ  loop

done:
	SUBQ R12, DI
	SHRQ $1, DI
	MOVQ DI, n+24(FP)
	RET

// MUL multiplies x by a prime, modulo 2^64 in each lane. t and u are scratch.
#define MUL(c, ch, x, t, u) \
	VPSRLQ   $32, x, t       \
	VPMULUDQ ch<>(SB), x, u  \
	VPMULUDQ c<>(SB), t, t   \
	VPMULUDQ c<>(SB), x, x   \
	VPADDQ   t, u, u         \
	VPSLLQ   $32, u, u       \
	VPADDQ   u, x, x

// LOWMUL sets v to the product of the low half of x and a prime.
#define LOWMUL(c, ch, x, v, u) \
	VPMULUDQ ch<>(SB), x, u \
	VPMULUDQ c<>(SB), x, v  \
	VPSLLQ   $32, u, u      \
	VPADDQ   u, v, v

#define ROTL(n, m, x, t) \
	VPSLLQ $n, x, t \
	VPSRLQ $m, x, x \
	VPOR   t, x, x

// LOAD reads four tokens, which start and end at off(SI): x and y are their first eight bytes and the next, n their lengths,
// h the hash to begin with, and R8 says which are too long. t, u and v are scratch.
#define LOAD(off, h, x, y, n, t, u, ux, v, vx) \
	MOVWLZX      off+0(SI), R8                  \
	MOVWLZX      off+4(SI), R9                  \
	MOVWLZX      off+8(SI), R10                 \
	MOVWLZX      off+12(SI), R11                \
	ANDL         $4095, R8                      \
	ANDL         $4095, R9                      \
	ANDL         $4095, R10                     \
	ANDL         $4095, R11                     \
	VMOVDQU      (DI)(R8*1), ux                 \
	VMOVDQU      (DI)(R9*1), vx                 \
	VINSERTI128  $1, (DI)(R10*1), u, u          \
	VINSERTI128  $1, (DI)(R11*1), v, v          \
	VPUNPCKLQDQ  v, u, x                        \
	VPUNPCKHQDQ  v, u, y                        \
	VPMOVZXDQ    off(SI), n                     \
	VPSRLQ       $16, n, t                      \
	VPAND        low16<>(SB), n, n              \
	VPSUBQ       n, t, n                        \
	VPCMPGTQ     fifteen<>(SB), n, t            \
	VMOVMSKPD    t, R8                          \
	VPADDQ       p5<>(SB), n, h

// EIGHT takes eight bytes of tokens that have so many.
#define EIGHT(h, x, y, n, t, u, v) \
	VMOVDQA   x, v              \
	MUL(p2, p2h, v, t, u)       \
	ROTL(31, 33, v, t)          \
	MUL(p1, p1h, v, t, u)       \
	VPXOR     h, v, v           \
	ROTL(27, 37, v, t)          \
	MUL(p1, p1h, v, t, u)       \
	VPADDQ    p4<>(SB), v, v    \
	VPSLLQ    $60, n, t         \
	VBLENDVPD t, v, h, h        \
	VBLENDVPD t, y, x, x

// FOUR takes four.
#define FOUR(h, x, n, t, u, v) \
	LOWMUL(p1, p1h, x, v, u)    \
	VPXOR     h, v, v           \
	ROTL(23, 41, v, t)          \
	MUL(p2, p2h, v, t, u)       \
	VPADDQ    p3<>(SB), v, v    \
	VPSLLQ    $61, n, t         \
	VPSRLQ    $32, x, u         \
	VBLENDVPD t, v, h, h        \
	VBLENDVPD t, u, x, x

// ONE sets v to the hash after one more byte, the lowest of x, and shifts x.
#define ONE(h, x, t, u, v) \
	VPAND  low8<>(SB), x, t     \
	VPSRLQ $8, x, x             \
	LOWMUL(p5, p5h, t, v, u)    \
	VPXOR  h, v, v              \
	ROTL(11, 53, v, t)          \
	MUL(p1, p1h, v, t, u)

// REST takes up to three bytes.
#define REST(h, x, y, n, t, u, v) \
	VPSLLQ    $62, n, y         \
	VPSLLQ    $63, n, n         \
	ONE(h, x, t, u, v)          \
	VPOR      y, n, t           \
	VBLENDVPD t, v, h, h        \
	ONE(h, x, t, u, v)          \
	VBLENDVPD y, v, h, h        \
	ONE(h, x, t, u, v)          \
	VPAND     y, n, t           \
	VBLENDVPD t, v, h, h

#define AVALANCHE(h, t, u) \
	VPSRLQ $33, h, t            \
	VPXOR  t, h, h              \
	MUL(p2, p2h, h, t, u)       \
	VPSRLQ $29, h, t            \
	VPXOR  t, h, h              \
	MUL(p3, p3h, h, t, u)       \
	VPSRLQ $32, h, t            \
	VPXOR  t, h, h

// func hashAVX2(out *uint64, win *byte, idx *uint16, eights int, long *uint16) (n int)
TEXT ·hashAVX2(SB), NOSPLIT, $0-48
	MOVQ out+0(FP), DX
	MOVQ win+8(FP), DI
	MOVQ idx+16(FP), SI
	MOVQ eights+24(FP), CX
	MOVQ long+32(FP), R13
	XORL AX, AX           // how many eights have a token that is too long
	XORL BX, BX           // the eight at hand

loop:
	CMPQ BX, CX
	JAE  done
	LOAD(0, Y0, Y1, Y2, Y3, Y4, Y5, X5, Y6, X6)
	MOVL R8, R12
	LOAD(16, Y7, Y8, Y9, Y10, Y11, Y12, X12, Y13, X13)
	MOVW BX, (R13)(AX*2)
	XORL R9, R9
	ORL  R12, R8
	SETNE R9
	ADDQ R9, AX
	VPOR  Y3, Y10, Y4
	VPTEST longer<>(SB), Y4 // tokens of one to three bytes alone, as in Chinese
	JZ    rest
	EIGHT(Y0, Y1, Y2, Y3, Y4, Y5, Y6)
	EIGHT(Y7, Y8, Y9, Y10, Y11, Y12, Y13)
	FOUR(Y0, Y1, Y3, Y4, Y5, Y6)
	FOUR(Y7, Y8, Y10, Y11, Y12, Y13)

rest:
	REST(Y0, Y1, Y2, Y3, Y4, Y5, Y6)
	REST(Y7, Y8, Y9, Y10, Y11, Y12, Y13)
	AVALANCHE(Y0, Y4, Y5)
	AVALANCHE(Y7, Y11, Y12)
	VMOVDQU Y0, (DX)
	VMOVDQU Y7, 32(DX)
	ADDQ $64, DX
	ADDQ $32, SI
	INCQ BX
	JMP  loop

done:
	MOVQ AX, n+40(FP)
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
