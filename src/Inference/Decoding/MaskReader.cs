using System.Numerics.Tensors;
using Serve.Eval;
using Serve.Eval.Masks;
using Serve.Inference.Families;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Decoding;

/// <summary>Reads the masks of detections.</summary>
/// <remarks>
/// Prototypes and masks over the input: the padding is cut off at whole points of the mask's grid, what remains is enlarged bilinearly to the original picture
/// (YOLACT and its kin). Masks over the box: as Detectron2 pastes them, pixel centres sampled bilinearly on the box as the model gave it, zeros beyond.
/// </remarks>
internal sealed class MaskReader(MaskSpec spec, int output)
{
    private readonly float _threshold = (float)spec.Threshold;

    /// <summary>The mask of a detection.</summary>
    /// <param name="work">The picture's outputs.</param>
    /// <param name="location">Its location.</param>
    /// <param name="category">Place of its category.</param>
    /// <param name="box">Its box in pixels of the original picture, not clipped.</param>
    /// <param name="plan">Where the picture lies in the input.</param>
    /// <exception cref="ModelOutputException">The output has no such mask.</exception>
    public RunLengths Read(DecodingScratch work, int location, int category, Box box, in ResizePlan plan)
    {
        var source = MaskSource.Of(spec, work, output, location, category);
        var (x, y, columns, rows) = Axes(source, box, plan);
        var pixels = spec.CutAtBox || spec.Frame == MaskFrame.Box ? Pixels(box, plan) : (Left: 0, Top: 0, Right: plan.SourceWidth, Bottom: plan.SourceHeight);
        if (pixels.Left >= pixels.Right || pixels.Top >= pixels.Bottom)
            return work.Masks.Draw(0, 0, default, default, default, plan.SourceWidth, plan.SourceHeight, _threshold);

        // Only the part of the grid that the pixels lie on.
        var (left, right) = (x.At(pixels.Left, columns.Count).Cell, Math.Min(x.At(pixels.Right - 1, columns.Count).Cell + 2, columns.Count));
        var (top, bottom) = (y.At(pixels.Top, rows.Count).Cell, Math.Min(y.At(pixels.Bottom - 1, rows.Count).Cell + 2, rows.Count));
        var grid = work.Masks.Grid(right - left, bottom - top);
        Fill(work, source, grid, bottom - top, (columns.First + left, rows.First + top), location);
        return work.Masks.Draw(
            right - left, bottom - top, x with { Shift = x.Shift - left }, y with { Shift = y.Shift - top }, pixels, plan.SourceWidth, plan.SourceHeight, _threshold);
    }

    /// <summary>Pixels whose left and top edges lie inside the box.</summary>
    private static (int Left, int Top, int Right, int Bottom) Pixels(Box box, in ResizePlan plan) => (
        (int)Math.Ceiling(Math.Clamp(box.X1, 0, plan.SourceWidth)), (int)Math.Ceiling(Math.Clamp(box.Y1, 0, plan.SourceHeight)),
        (int)Math.Ceiling(Math.Clamp(box.X2, 0, plan.SourceWidth)), (int)Math.Ceiling(Math.Clamp(box.Y2, 0, plan.SourceHeight)));

    /// <summary>How pixels lie on the points that are used, and which points of the tensor these are; -1 and the one after the last are zeros beyond it.</summary>
    private (MaskAxis X, MaskAxis Y, (int First, int Count) Columns, (int First, int Count) Rows) Axes(in MaskSource source, Box box, in ResizePlan plan)
    {
        if (spec.Frame == MaskFrame.Original)
        {
            return (new MaskAxis((double)source.Columns / plan.SourceWidth, 0), new MaskAxis((double)source.Rows / plan.SourceHeight, 0),
                (0, source.Columns), (0, source.Rows));
        }

        if (spec.Frame == MaskFrame.Box)
        {
            var (scaleX, scaleY) = (source.Columns / box.Width, source.Rows / box.Height);
            return (new MaskAxis(scaleX, 1 - (box.X1 * scaleX)), new MaskAxis(scaleY, 1 - (box.Y1 * scaleY)), (-1, source.Columns + 2), (-1, source.Rows + 2));
        }

        var columns = Inside(plan.Left, plan.Width, plan.InputWidth, source.Columns);
        var rows = Inside(plan.Top, plan.Height, plan.InputHeight, source.Rows);
        return (new MaskAxis((double)columns.Count / plan.SourceWidth, 0), new MaskAxis((double)rows.Count / plan.SourceHeight, 0), columns, rows);
    }

    /// <summary>Points of the grid that the picture covers, the padding cut off.</summary>
    private static (int First, int Count) Inside(int start, int length, int side, int points)
    {
        var first = Math.Clamp((int)Math.Round((double)start * points / side), 0, points - 1);
        return (first, Math.Clamp((int)Math.Round((double)(start + length) * points / side), first + 1, points) - first);
    }

    private void Fill(DecodingScratch work, in MaskSource source, Span<float> grid, int rows, (int Column, int Row) from, int location)
    {
        var columns = grid.Length / rows;
        Span<float> line = work.Masks.Line(columns);
        for (var row = 0; row < rows; row++)
        {
            source.Row(from.Row + row, from.Column, line);
            if (spec.Activation == Activation.Sigmoid)
                Activate(line, source, from.Row + row, from.Column);
            for (var column = 0; column < columns; column++)
                grid[(column * rows) + row] = line[column];
        }

        if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(grid)))
            throw new ModelOutputException($"output '{spec.Output}', row {location}: the mask is not a number.");
    }

    /// <summary>Points beyond the tensor stay zero.</summary>
    private static void Activate(Span<float> line, in MaskSource source, int row, int column)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (row >= 0 && row < source.Rows && column + i >= 0 && column + i < source.Columns)
                line[i] = (float)Activations.Sigmoid(line[i]);
        }
    }
}
