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
// that characters of two begin with, and what much other punctuation begins with.
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

DATA leadsC2<>+0(SB)/8, $0x1d1d1d1d1d1d1d1d
DATA leadsC2<>+8(SB)/8, $0x1d1d1d1d1d1d1d1d
DATA leadsC2<>+16(SB)/8, $0x1d1d1d1d1d1d1d1d
DATA leadsC2<>+24(SB)/8, $0x1d1d1d1d1d1d1d1d
GLOBL leadsC2<>(SB), RODATA|NOPTR, $32

DATA leadE2<>+0(SB)/8, $0xe2e2e2e2e2e2e2e2
DATA leadE2<>+8(SB)/8, $0xe2e2e2e2e2e2e2e2
DATA leadE2<>+16(SB)/8, $0xe2e2e2e2e2e2e2e2
DATA leadE2<>+24(SB)/8, $0xe2e2e2e2e2e2e2e2
GLOBL leadE2<>(SB), RODATA|NOPTR, $32

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
	VPCMPEQB  leadE2<>(SB), Y0, Y5  \
	VPOR      Y5, Y6, Y6            \
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

// What small Cyrillic letters begin with, D0 and D1, and the bytes that follow each of them.
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

DATA fifteens<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA fifteens<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA fifteens<>+16(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA fifteens<>+24(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL fifteens<>(SB), RODATA|NOPTR, $32

DATA from80<>+0(SB)/8, $0x8080808080808080
DATA from80<>+8(SB)/8, $0x8080808080808080
DATA from80<>+16(SB)/8, $0x8080808080808080
DATA from80<>+24(SB)/8, $0x8080808080808080
GLOBL from80<>(SB), RODATA|NOPTR, $32

DATA thirtyOnes<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA thirtyOnes<>+8(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA thirtyOnes<>+16(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA thirtyOnes<>+24(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL thirtyOnes<>(SB), RODATA|NOPTR, $32

// CYRILLIC sets d0 and d1 to the bytes that are D0 and D1 of the 32 at off(DI), and b0 and b8 to those that may follow each.
#define CYRILLIC(off, d0, d1, b0, b8) \
	VMOVDQU   off(DI), Y0              \
	VPCMPEQB  leadD0<>(SB), Y0, Y1     \
	VPCMPEQB  leadD1<>(SB), Y0, Y2     \
	VPSUBB    fromB0<>(SB), Y0, Y3     \
	VPMINUB   fifteens<>(SB), Y3, Y4   \
	VPCMPEQB  Y3, Y4, Y4               \
	VPSUBB    from80<>(SB), Y0, Y5     \
	VPMINUB   thirtyOnes<>(SB), Y5, Y6 \
	VPCMPEQB  Y5, Y6, Y6               \
	VPMOVMSKB Y1, d0                   \
	VPMOVMSKB Y2, d1                   \
	VPMOVMSKB Y4, b0                   \
	VPMOVMSKB Y6, b8

// func cyrillicAVX2(win *byte, blocks int, high, lead *uint64)
TEXT ·cyrillicAVX2(SB), NOSPLIT, $0-32
	MOVQ  win+0(FP), DI
	MOVQ  blocks+8(FP), CX
	MOVQ  high+16(FP), R8
	MOVQ  lead+24(FP), R9
	TESTQ CX, CX
	JZ    done

loop:
	MOVQ  (R9), R10
	TESTQ R10, R10
	JZ    next
	CYRILLIC(0, AX, BX, DX, SI)
	CYRILLIC(32, R11, R12, R13, R15)
	SHLQ  $32, R11
	ORQ   R11, AX // D0
	SHLQ  $32, R12
	ORQ   R12, BX // D1
	SHLQ  $32, R13
	ORQ   R13, DX // what follows D0
	SHLQ  $32, R15
	ORQ   R15, SI // what follows D1
	SHRQ  $1, DX
	ANDQ  AX, DX
	SHRQ  $1, SI
	ANDQ  BX, SI
	ORQ   SI, DX      // the first bytes of letters that lie in the block
	ANDNQ R10, DX, R10
	MOVQ  R10, (R9)
	LEAQ  (DX)(DX*2), DX // and both bytes
	MOVQ  (R8), AX
	ANDNQ AX, DX, AX
	MOVQ  AX, (R8)

next:
	ADDQ $64, DI
	ADDQ $8, R8
	ADDQ $8, R9
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
