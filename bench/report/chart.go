package main

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// lengthsChart draws what share of true pairs is found over how much of the longer page the article
// is.
func lengthsChart(path string, rows []accuracyRow) error {
	var ours, at80, at50 plotter.Values
	var names []string
	for _, r := range rows {
		if r.Kind == "lengths" && r.True > 0 {
			names = append(names, fmt.Sprintf("%.0f–%.0f%%", 100*r.Lo, 100*r.Hi))
			ours, at80, at50 = append(ours, 100*r.Ours.Recall), append(at80, 100*r.At80.Recall), append(at50, 100*r.Best.Recall)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return bars(path, "One article on two sites: how often it is found", "how much of the longer page the article is", "found, %", names,
		[]string{"any tool that compares whole texts, Jaccard ≥ .8", "the same, Jaccard ≥ .5", "neardup, default settings"}, []plotter.Values{at80, at50, ours}, 135)
}

// setsChart draws the F1 of the labelled sets.
func setsChart(path string, rows []accuracyRow) error {
	var ours, at80, best plotter.Values
	var names []string
	for _, r := range rows {
		if r.Kind == "labelled" {
			names = append(names, r.Set)
			ours, at80, best = append(ours, r.Ours.F1), append(at80, r.At80.F1), append(best, r.Best.F1)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return bars(path, "Labelled sets: how right the pairs are", "", "F1", names,
		[]string{"any tool that compares whole texts, Jaccard ≥ .8", "the same, at the threshold best for that set", "neardup, default settings"}, []plotter.Values{at80, best, ours}, 1.35)
}

// bars draws groups of bars beside each other; what can be reached is top/1.35, and the legend is
// above it.
func bars(path, title, x, y string, names, legend []string, values []plotter.Values, top float64) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Legend.Top = true
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	p.Add(grid)
	width := vg.Points(14)
	for i, v := range values {
		b, err := plotter.NewBarChart(v, width)
		if err != nil {
			return err
		}
		b.LineStyle.Width = 0
		b.Color = []color.Color{color.Gray{0xc8}, color.Gray{0x8c}, color.RGBA{0x1f, 0x6f, 0xb4, 0xff}}[i]
		b.Offset = width * vg.Length(i-1)
		p.Add(b)
		p.Legend.Add(legend[i], b)
	}
	p.NominalX(names...)
	p.X.Min, p.X.Max = -0.6, float64(len(names))-0.4
	p.Y.Min, p.Y.Max = 0, top
	var ticks plot.ConstantTicks
	for i := range 6 { // none above what can be reached
		v := top / 1.35 * float64(i) / 5
		ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.3g", v)})
	}
	p.Y.Tick.Marker = ticks
	return p.Save(22*vg.Centimeter, 12*vg.Centimeter, path)
}

// coresChart draws articles a second over the number of workers, beside what as many single workers
// would do.
func coresChart(path string, rows []scaleRow) error {
	var measured, ideal plotter.XYs
	for _, r := range cores(rows) {
		speed := float64(r.N) / r.Seconds
		if len(measured) == 0 {
			ideal = plotter.XYs{{X: 1, Y: speed / float64(r.Workers)}}
		}
		measured = append(measured, plotter.XY{X: float64(r.Workers), Y: speed})
		ideal = append(ideal, plotter.XY{X: float64(r.Workers), Y: ideal[0].Y * float64(r.Workers)})
	}
	if len(measured) < 2 {
		return nil
	}
	p := plot.New()
	p.Title.Text = "Articles a second by the clock"
	p.X.Label.Text = "workers"
	p.Y.Min = 0
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	if err := plotutil.AddLinePoints(p, "measured", measured, "proportional", ideal); err != nil {
		return err
	}
	p.Y.Min = 0
	return p.Save(18*vg.Centimeter, 12*vg.Centimeter, path)
}

// cores returns the rows that differ in the number of workers only: those without groups.
func cores(rows []scaleRow) []scaleRow {
	var out []scaleRow
	for _, r := range rows {
		if r.Groups == 0 {
			out = append(out, r)
		}
	}
	return out
}

// scaleChart draws processor time and memory over the number of articles, both axes logarithmic,
// with the fitted exponents.
func scaleChart(path string, rows []scaleRow) error {
	var seconds, memory plotter.XYs
	title := "One worker"
	for _, r := range rows {
		if r.Workers != 1 || r.Groups == 0 {
			continue
		}
		seconds = append(seconds, plotter.XY{X: float64(r.N), Y: math.Max(r.CPU, 1e-3)})
		memory = append(memory, plotter.XY{X: float64(r.N), Y: math.Max(r.BytesPer*float64(r.N)/1e6, 1e-3)})
		if r.Exponent > 0 {
			title += fmt.Sprintf(": time ~ n^%.2f, memory ~ n^%.2f", r.Exponent, r.Memory)
		}
	}
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text = "articles"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = powers{}, powers{}
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	if err := plotutil.AddLinePoints(p, "processor seconds", seconds, "megabytes held", memory); err != nil {
		return err
	}
	return p.Save(18*vg.Centimeter, 12*vg.Centimeter, path)
}

// powers puts labels at powers of ten only.
type powers struct{}

func (powers) Ticks(lo, hi float64) []plot.Tick {
	ticks := plot.LogTicks{Prec: -1}.Ticks(lo, hi)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = strings.TrimSuffix(fmt.Sprintf("%.6g", ticks[i].Value), ".0")
			if ticks[i].Value >= 1e6 {
				ticks[i].Label = fmt.Sprintf("%gM", ticks[i].Value/1e6)
			}
		}
	}
	return ticks
}
