package idmap

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A model does what a Map does with nothing but a list of slots.
type model struct {
	total int
	slots []entry
}

type entry struct {
	id   uint32
	dead bool
}

func (m *model) slot(id uint32) (uint32, bool) {
	for slot, e := range m.slots {
		if e.id == id && !e.dead {
			return uint32(slot), true
		}
	}
	return 0, false
}

func (m *model) add() (uint32, uint32) {
	m.slots = append(m.slots, entry{id: uint32(m.total)})
	m.total++
	return uint32(m.total - 1), uint32(len(m.slots) - 1)
}

func (m *model) delete(id uint32) (uint32, bool) {
	slot, ok := m.slot(id)
	if ok {
		m.slots[slot].dead = true
	}
	return slot, ok
}

func (m *model) move(id uint32) (uint32, uint32, bool) {
	from, ok := m.delete(id)
	if !ok {
		return 0, 0, false
	}
	m.slots = append(m.slots, entry{id: id})
	return from, uint32(len(m.slots) - 1), true
}

func (m *model) compact(byID bool) []uint32 {
	order := []uint32{}
	for slot, e := range m.slots {
		if !e.dead {
			order = append(order, uint32(slot))
		}
	}
	if byID {
		slices.SortFunc(order, func(a, b uint32) int { return int(m.slots[a].id) - int(m.slots[b].id) })
	}
	var kept []entry
	for _, slot := range order {
		kept = append(kept, m.slots[slot])
	}
	m.slots = kept
	return order
}

func (m *model) append(o *model) {
	for _, e := range slices.Clone(o.slots) {
		m.slots = append(m.slots, entry{uint32(m.total) + e.id, e.dead})
	}
	m.total += o.total
}

// check compares all answers of a Map with those of the model.
func check(t *testing.T, m *Map, want *model) {
	t.Helper()
	live := 0
	for slot, e := range want.slots {
		if !e.dead {
			live++
			if got := m.ID(uint32(slot)); got != e.id {
				t.Fatalf("ID(%d): got %d, want %d", slot, got, e.id)
			}
		}
		if got := m.Dead(uint32(slot)); got != e.dead || got != m.DeadSlots().Test(uint(slot)) {
			t.Fatalf("Dead(%d): got %v, want %v", slot, got, e.dead)
		}
	}
	if m.Total() != want.total || m.Slots() != len(want.slots) || m.Len() != live {
		t.Fatalf("got %d ids, %d slots, %d live, want %d, %d, %d", m.Total(), m.Slots(), m.Len(), want.total, len(want.slots), live)
	}
	same, ascending, last := true, true, -1
	ids := m.AppendIDs([]uint32{77})
	if len(ids) != 1+len(want.slots) || ids[0] != 77 {
		t.Fatalf("AppendIDs: %d ids, want %d", len(ids)-1, len(want.slots))
	}
	for slot, e := range want.slots {
		if !e.dead && ids[1+slot] != e.id {
			t.Fatalf("AppendIDs: slot %d has %d, want %d", slot, ids[1+slot], e.id)
		}
		same = same && int(e.id) == slot
		ascending = ascending && int(e.id) > last
		last = int(e.id)
	}
	if m.Same() && !same || m.Ascending() && !ascending {
		t.Fatalf("Same: %v, Ascending: %v, want %v, %v", m.Same(), m.Ascending(), same, ascending)
	}
	for id := range uint32(want.total) + 70 {
		got, ok := m.Slot(id)
		wantSlot, wantOK := want.slot(id)
		if ok != wantOK || ok && got != wantSlot {
			t.Fatalf("Slot(%d): got %d, %v, want %d, %v", id, got, ok, wantSlot, wantOK)
		}
	}
	for _, id := range []uint32{1 << 31, 1<<32 - 1} {
		if _, ok := m.Slot(id); ok {
			t.Fatalf("Slot(%d): there is one", id)
		}
	}
}

// run does what a program says to a Map and to the model; each byte is an operation, and those with
// an id take another.
func run(t *testing.T, program []byte, each bool) {
	var m, o Map
	var want, other model
	for i := 0; i < len(program); i++ {
		op := program[i]
		id := uint32(0)
		if i+1 < len(program) && want.total > 0 {
			id = uint32(program[i+1]) * uint32(want.total) / 256
		}
		switch op % 16 {
		case 0, 1, 2, 3, 4:
			for range 1 + op/16*op/16 {
				id, slot := m.Add()
				wantID, wantSlot := want.add()
				if id != wantID || slot != wantSlot {
					t.Fatalf("Add: got %d, %d, want %d, %d", id, slot, wantID, wantSlot)
				}
			}
		case 5, 6, 7:
			i++
			slot, ok := m.Delete(id)
			if wantSlot, wantOK := want.delete(id); slot != wantSlot || ok != wantOK {
				t.Fatalf("Delete(%d): got %d, %v, want %d, %v", id, slot, ok, wantSlot, wantOK)
			}
		case 8: // a range
			i++
			for n := range min(uint32(want.total)-id, uint32(op)) {
				m.Delete(id + n)
				want.delete(id + n)
			}
		case 9, 10:
			i++
			from, to, ok := m.Move(id)
			if wantFrom, wantTo, wantOK := want.move(id); from != wantFrom || to != wantTo || ok != wantOK {
				t.Fatalf("Move(%d): got %d, %d, %v, want %d, %d, %v", id, from, to, ok, wantFrom, wantTo, wantOK)
			}
		case 11, 12:
			byID := op%16 == 11
			if got, want := m.Compact(byID), want.compact(byID); !slices.Equal(got, want) {
				t.Fatalf("Compact(%v): got %v, want %v", byID, got, want)
			}
		case 13:
			if want.total < 2000 {
				m.Append(&o)
				want.append(&other)
			}
		case 14:
			if want.total < 1000 {
				m.Append(&m)
				want.append(&want)
			}
		case 15: // exchange with the other
			m, o = o, m
			want, other = other, want
		}
		if each {
			check(t, &m, &want)
		}
	}
	check(t, &m, &want)
	check(t, &o, &other)
	checkRestore(t, &want)
}

// checkRestore makes a Map from the live ids.
func checkRestore(t *testing.T, want *model) {
	t.Helper()
	var ids []uint32
	compact := &model{total: want.total}
	for _, e := range want.slots {
		if !e.dead {
			ids = append(ids, e.id)
			compact.slots = append(compact.slots, e)
		}
	}
	m := Restore(want.total, ids)
	check(t, &m, compact)
}

func TestPrograms(t *testing.T) {
	for n := range uint64(300) {
		r := rand.New(rand.NewPCG(1, n))
		program := make([]byte, 1+r.IntN(60))
		ops := []byte{0, 0, 0, 5, 5, 8, 9, 11, 12, 13, 14, 15}
		if n%3 == 0 {
			ops = []byte{0, 0, 5, 8, 11, 13, 15} // none is replaced
		}
		for i := range program {
			program[i] = byte(r.Uint32())&0xf0 | ops[r.IntN(len(ops))]
		}
		run(t, program, len(program) < 20)
	}
}

func FuzzPrograms(f *testing.F) {
	f.Add([]byte{0, 64, 5, 100, 11, 0, 9, 30, 12, 14})
	f.Add([]byte{240, 248, 10, 11, 240, 15, 32, 13, 15, 13})
	f.Fuzz(func(t *testing.T, program []byte) { run(t, program[:min(len(program), 40)], false) })
}

// TestRoom measures what a map takes after each of its ids but the last 100,000 was deleted, which
// is what a feed comes to that keeps a month of articles.
func TestRoom(t *testing.T) {
	const total, live = 1_000_000, 100_000
	var m Map
	for id := range uint32(total) {
		m.Add()
		if id >= live {
			m.Delete(id - live)
		}
		if m.Slots() > 2*live {
			m.Compact(true)
		}
	}
	m.Compact(true)
	if got, want := m.Bytes(), total/8+total/128+live/128+64; got > want {
		t.Errorf("%d bytes, want %d at most", got, want)
	}
	for id := uint32(total - live); id < total; id++ {
		if slot, ok := m.Slot(id); !ok || m.ID(slot) != id {
			t.Fatalf("id %d has slot %d, %v, which has id %d", id, slot, ok, m.ID(slot))
		}
	}
	m.Move(total - 1)
	if m.Ascending() {
		return // it went from the last slot to the next
	}
	m.Delete(total - 1)
	m.Compact(false)
	if !m.Ascending() {
		t.Error("what was replaced is gone, and ids do not ascend")
	}
}

func BenchmarkLookup(b *testing.B) {
	const n = 1 << 20
	for _, kind := range []string{"same", "ascending", "spelled"} {
		var m Map
		for range 2 * n {
			m.Add()
		}
		if kind != "same" {
			for id := range uint32(n) {
				m.Delete(2 * id)
			}
			m.Compact(true)
		}
		if kind == "spelled" {
			m.Move(1)
		}
		b.Run(fmt.Sprintf("what=slot/of=%s", kind), func(b *testing.B) {
			i := uint32(1)
			for b.Loop() {
				i = i*2654435761 + 1
				m.Slot(i % (2 * n))
			}
		})
		b.Run(fmt.Sprintf("what=id/of=%s", kind), func(b *testing.B) {
			i := uint32(1)
			for b.Loop() {
				i = i*2654435761 + 1
				m.ID(i % n)
			}
		})
	}
}
