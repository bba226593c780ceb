package minhash

import "slices"

// Edge says that two members of a bucket are similar; A and B are their
// positions in the bucket, A < B.
type Edge struct {
	A, B       int
	Similarity float64
}

// AppendForest compares the members of one bucket with one another and appends
// edges that link those whose similarity is min or more; dst[:len(dst)] is
// untouched. It is what to do with the documents that have one band key, in an
// index as in a batch job, and never costs what all pairs of a hot key would.
//
// The members are numbered 0 to n-1; similarity is asked for pairs i < j, each
// at most once, and at most most times for each member j. The edges are verified,
// form no cycle, and are at most n-1: two members linked by a path need not be
// similar themselves. Member j is compared with the first member of each group
// formed so far, the oldest first, then with other members that it is not
// linked to yet, the newest first; from the first most members on, half of
// the comparisons go to each. Edges come in order of B.
//
// In a bucket of up to most+1 members the groups are the connected components of
// all similar pairs. In a larger one a link can be missed: skipped is the number
// of members that were not compared with all those that they are not linked to, 0 if the
// result is complete.
//
// A most of 0 or less compares nothing. Cost: at most n·most comparisons, and
// memory for 3·n integers.
func AppendForest(dst []Edge, n, most int, min float64, similarity func(i, j int) float64) (edges []Edge, skipped int) {
	var f forest
	return f.append(dst, n, most, min, similarity)
}

// forest is the room that AppendForest needs.
type forest struct {
	parent []int // union-find with path halving; a root is the first member of its group
	roots  []int // in order
	asked  []int // the last j that i was compared with
	merged []int // roots that are no longer one
}

func (f *forest) find(i int) int {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

func (f *forest) append(dst []Edge, n, most int, least float64, similarity func(i, j int) float64) (edges []Edge, skipped int) {
	f.parent, f.roots, f.asked = f.parent[:0], f.roots[:0], f.asked[:0]
	for j := range n {
		f.parent = append(f.parent, j)
		f.asked = append(f.asked, 0)
		left, others := most, len(f.roots) // comparisons; groups that j is not in
		link := func(i int) {
			left--
			f.asked[i] = j
			if s := similarity(i, j); s >= least {
				dst = append(dst, Edge{i, j, s})
				a, b := f.find(i), f.find(j)
				f.parent[max(a, b)] = min(a, b)
				f.merged = append(f.merged, max(a, b))
				others--
			}
		}
		reserve := 0 // comparisons kept for the newest
		if j > most {
			reserve = most / 2
		}
		for _, i := range f.roots {
			if left <= reserve {
				break
			}
			link(i)
		}
		// To look at a member that is not to be compared costs little, but not nothing.
		for i, looks := j-1, 2*most; i >= 0 && others > 0; i-- {
			if f.asked[i] == j || f.find(i) == f.find(j) {
				looks--
			} else if left > 0 {
				link(i)
			} else {
				looks = -1
			}
			if looks < 0 {
				skipped++
				break
			}
		}
		f.roots = append(f.roots, j)
		for _, r := range f.merged {
			at, _ := slices.BinarySearch(f.roots, r)
			f.roots = slices.Delete(f.roots, at, at+1)
		}
		f.merged = f.merged[:0]
	}
	return dst, skipped
}
