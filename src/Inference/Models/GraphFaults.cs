using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Onnx;

namespace Serve.Inference.Models;

/// <summary>Where a graph's inputs disagree with what its passport feeds.</summary>
internal static class GraphFaults
{
    private static readonly TensorElementType[] Numbers =
        [TensorElementType.Float, TensorElementType.Double, TensorElementType.Float16, TensorElementType.Int32, TensorElementType.Int64];

    /// <summary>The faults, in words; none when the graph can be fed.</summary>
    public static IEnumerable<string> OfInputs(InputSpec spec, IReadOnlyList<GraphTensor> inputs)
    {
        var names = string.Join(", ", inputs.Select(input => input.Name));
        if (inputs.FirstOrDefault(input => input.Name == spec.Name) is not { } picture)
            yield return $"there is no input '{spec.Name}'; inputs are {names}";
        else if (PictureFault(spec, picture) is { } fault)
            yield return fault;

        var fed = spec.Extra.Select(extra => extra.Name).Append(spec.Name).ToHashSet();
        var open = inputs.Where(input => !fed.Contains(input.Name)).Select(input => $"'{input.Name}' {input.ShapeText} {input.Type}").ToList();
        if (open.Count > 0)
            yield return $"the graph has {inputs.Count} inputs ({names}); nothing feeds {string.Join(", ", open)}: say what does in input.extra";
        foreach (var extra in spec.Extra)
        {
            if (inputs.FirstOrDefault(input => input.Name == extra.Name) is not { } input)
                yield return $"input.extra: there is no input '{extra.Name}'; inputs are {names}";
            else if (!Numbers.Contains(input.Type))
                yield return $"input.extra: '{extra.Name}' takes {input.Type}; {string.Join(", ", Numbers)} can be fed";
            else if (extra.Numbers.Count != 1 && Columns(extra) is var columns && input.Shape is { Count: > 0 } shape && !Fits(shape[^1], columns) && (columns > 1 || shape.Count > 1))
                yield return $"input.extra: '{extra.Name}' is {input.ShapeText}; {columns} numbers a picture are fed";
        }
    }

    private static string? PictureFault(InputSpec spec, GraphTensor picture)
    {
        var type = InputLayout.ElementType(spec.Type);
        if (picture.Type != type)
            return $"input '{spec.Name}' takes {picture.Type}; the passport feeds {type}";
        if (picture.Shape is not { } shape)
            return null;

        var dynamicSides = spec.Resize is ResizeRule.ShortestSide or ResizeRule.Keep;
        int?[] wanted = spec.Layout switch
        {
            TensorLayout.Nchw => [null, 3, spec.Height, spec.Width],
            TensorLayout.Nhwc => [null, spec.Height, spec.Width, 3],
            TensorLayout.Chw => [3, spec.Height, spec.Width],
            _ => [spec.Height, spec.Width, 3],
        };
        var fits = shape.Count == wanted.Length && wanted.Zip(shape).All(pair => pair.First is not { } side || Fits(pair.Second, side));
        if (!fits)
            return $"input '{spec.Name}' is {picture.ShapeText}; the passport says [{string.Join(", ", wanted.Select(side => side is { } number ? $"{number}" : "B"))}]";
        if (dynamicSides && wanted.Zip(shape).Any(pair => pair.First > 3 && pair.Second >= 1))
            return $"input '{spec.Name}' is {picture.ShapeText}; the passport's resize rule '{spec.Resize}' needs sides that are dynamic";
        return wanted[0] is null && shape[0] > 1 ? $"input '{spec.Name}' has a fixed batch of {shape[0]}; 1 and dynamic are run" : null;
    }

    private static int Columns(ExtraInput extra) => extra.Value == ExtraValue.Constant ? extra.Numbers.Count : 2;

    private static bool Fits(int dimension, int wanted) => dimension < 1 || dimension == wanted;
}
