package main

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// accuracyChart draws F1 over the threshold, a line for each combination of the other settings.
func accuracyChart(path, set string, rows []accuracyRow) error {
	lines := map[string]plotter.XYs{}
	var order []string
	for _, r := range rows {
		if r.Set != set {
			continue
		}
		key := fmt.Sprintf("%s, %s, w=%d", r.Unit, r.View, r.Size)
		if r.Containment != "default" {
			key += ", containment " + r.Containment
		}
		if r.Verify != "exact" {
			key += ", by " + r.Verify
		}
		if lines[key] == nil {
			order = append(order, key)
		}
		lines[key] = append(lines[key], plotter.XY{X: r.T, Y: r.F1})
	}
	p := plot.New()
	p.Title.Text = "F1 of the pairs found on " + set
	p.X.Label.Text = "Jaccard threshold"
	p.Y.Label.Text = "F1"
	p.Y.Min, p.Y.Max = 0, 1
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	var args []any
	for _, key := range order {
		args = append(args, key, lines[key])
	}
	if err := plotutil.AddLinePoints(p, args...); err != nil {
		return err
	}
	p.Y.Min, p.Y.Max = 0, 1
	p.X.Max += 0.7 * (p.X.Max - p.X.Min) // room for the legend
	return p.Save(22*vg.Centimeter, 12*vg.Centimeter, path)
}

// coresChart draws articles a second over the number of workers, beside what as many single workers would do.
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

// scaleChart draws processor time and memory over the number of articles, both axes logarithmic, with the fitted exponents.
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
