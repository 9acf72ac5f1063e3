using Microsoft.ML.OnnxRuntime;
using Serve.Eval.Datasets;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Tests.Decoding;

/// <summary>A random spec with outputs of that kind for a batch of pictures: codes, axes, activations, rules and limits of every sort.</summary>
internal sealed class RandomDecoding
{
    private const int Batch = 3;
    private static readonly double[][] AnchorSizes = [[3, 5], [9, 4], [40, 30]];
    private readonly Random _random;
    private readonly int _anchors;
    private readonly int _levels;
    private readonly bool _half;

    public RandomDecoding(int seed)
    {
        _random = new Random(seed);
        Input = new InputSpec { Width = 24, Height = 16, Resize = Any(ResizeRule.Stretch, ResizeRule.LetterboxCentre, ResizeRule.LetterboxTopLeft) };
        Plan = ResizePlan.For(Input, _random.Next(10, 60), _random.Next(10, 60));
        var code = Any(Enum.GetValues<BoxCode>());
        var needsAnchors = code is BoxCode.Deltas or BoxCode.DeltasYx or BoxCode.LinearDeltas or BoxCode.YoloExp or BoxCode.YoloSquare;
        (_anchors, _levels, _half) = (_random.Next(1, 4), _random.Next(1, 3), _random.Next(4) == 0);
        var grid = Grid(needsAnchors || _random.Next(2) == 0);
        var count = _random.Next(1, 6);
        Categories = [.. Enumerable.Range(0, count).Select(i => new Category(10 + i, $"category {i}"))];
        var withLabels = _random.Next(4) == 0;
        int? background = withLabels ? null : Any<int?>(null, null, 0, -1);
        var rule = Any(Enum.GetValues<ScoreRule>());
        var choose = withLabels || rule == ScoreRule.Objectness ? LabelRule.Best : Any(LabelRule.Best, LabelRule.Every);
        var activation = withLabels ? Any(Activation.None, Activation.Sigmoid) : Any(Enum.GetValues<Activation>());
        var objectnessActivation = Any(Activation.None, Activation.Sigmoid);
        var ties = _random.Next(3) == 0;
        var relative = code is not (BoxCode.Xyxy or BoxCode.Yxyx or BoxCode.Xywh or BoxCode.Cxcywh or BoxCode.Cycxhw);
        var units = code is BoxCode.Distances ? Any(BoxUnits.Input, BoxUnits.Stride)
            : code is BoxCode.Distribution ? BoxUnits.Stride
            : relative ? BoxUnits.Input : Any(BoxUnits.Input, BoxUnits.InputNormalised, BoxUnits.Original, BoxUnits.OriginalNormalised);
        var boxActivation = units is BoxUnits.InputNormalised or BoxUnits.OriginalNormalised ? Any(Activation.None, Activation.Sigmoid) : Activation.None;
        var apart = code != BoxCode.Distribution && _random.Next(4) == 0;
        Spec = new DecodingSpec
        {
            Sizes = apart ? Part("sizes", 2, grid, () => BoxValue(code, units)) with { Activation = boxActivation } : null,
            Boxes = Part("boxes", code == BoxCode.Distribution ? 4 * _random.Next(2, 6) : apart ? 2 : 4, grid, () => BoxValue(code, units)) with { Activation = boxActivation },
            Scores = Part("scores", withLabels ? 1 : count + (background is null ? 0 : 1), grid, () => ScoreValue(activation, ties)) with { Activation = activation },
            Labels = withLabels ? Part("labels", 1, grid, () => _random.Next(0, count + 1)) : null,
            LabelOffset = withLabels ? 1 : 0,
            Objectness = rule == ScoreRule.Category ? null : Part("objectness", 1, grid, () => ScoreValue(objectnessActivation, ties)) with { Activation = objectnessActivation },
            Code = code,
            Units = units,
            Grid = grid,
            Variances = Any<double[]>([1, 1], [0.1, 0.2]),
            LargestLogSize = Any<double?>(null, 0.4),
            Score = rule,
            Choose = choose,
            Background = background,
            Nms = _random.Next(3) == 0 ? null : new NmsSpec { Iou = Any(0.1, 0.45, 0.7), PerCategory = _random.Next(3) > 0, MaxCandidates = Any(0, 0, 7) },
            MaxDetections = Any(0, 0, 5),
        };
        Options = new DetectionOptions(Any(0, 0.05, 0.3, 0.6, 0.95), Any(3, 100), Iou: Any<double?>(null, null, 0.2));
    }

    public InputSpec Input { get; }

    public DecodingSpec Spec { get; }

    public ResizePlan Plan { get; }

    public IReadOnlyList<Category> Categories { get; }

    public DetectionOptions Options { get; }

    public List<TestTensor> Tensors { get; } = [];

    public static int Pictures => Batch;

    /// <summary>The outputs in the order in which a decoder wants them.</summary>
    public List<OrtValue> Outputs(OutputDecoder decoder)
        => [.. decoder.Outputs.Select(name => Tensors.Single(tensor => tensor.Name == name)).Select(tensor => tensor.Name.StartsWith("labels", StringComparison.Ordinal) ? tensor.ToOrtLong() : _half ? tensor.ToOrtHalf() : tensor.ToOrt())];

    private GridSpec Grid(bool withAnchors) => new()
    {
        Strides = ((double[])[8, 12])[.._levels],
        Maps = _random.Next(3) == 0 ? ((int[][])[[3, 2], [2, 3]])[.._levels] : [],
        Offset = Any(0, 0.5),
        Anchors = withAnchors ? [.. Enumerable.Range(0, _levels).Select(_ => AnchorSizes[.._anchors])] : [],
        CentreScales = _random.Next(3) == 0 ? ((double[])[1.2, 1.05])[.._levels] : [],
        PerCell = withAnchors ? 1 : _anchors,
        AnchorFirst = _random.Next(3) == 0,
        ClipAnchors = _random.Next(3) == 0,
    };

    private (int Columns, int Rows) Map(GridSpec grid, int level) => grid.Maps.Count > 0
        ? (grid.Maps[level][0], grid.Maps[level][1])
        : ((int)Math.Ceiling(Input.Width / grid.Strides[level]), (int)Math.Ceiling(Input.Height / grid.Strides[level]));

    /// <summary>A part in tensors of its own, in one of the ways in which exporters lay them out, with channels of something else around it.</summary>
    private TensorPart Part(string name, int channels, GridSpec grid, Func<float> next)
    {
        var axes = Any("bnc", "bcn", "nbc", "bn1c", "cbn", "bayxc", "bkyx", "byxac", "bacyx", "byxk", "bxyca", channels == 1 ? "bn" : "bnc");
        var (before, after) = axes == "bn" ? (0, 0) : (_random.Next(3), _random.Next(2));
        var all = before + channels + after;
        var maps = axes.Contains('y', StringComparison.Ordinal);
        var joined = !maps && _random.Next(2) == 0;
        var names = new List<string>();
        for (var level = 0; level < (joined ? 1 : _levels); level++)
        {
            var (columns, rows) = Map(grid, level);
            var locations = joined ? Enumerable.Range(0, _levels).Sum(i => Map(grid, i).Columns * Map(grid, i).Rows * _anchors) : columns * rows * _anchors;
            names.Add($"{name}{level}");
            var tensor = new TestTensor(names[^1], axes, [.. axes.Select(letter => letter switch
            {
                'b' => Batch, 'n' => locations, 'c' => all, 'k' => all * _anchors, 'y' => rows, 'x' => columns, 'a' => _anchors, _ => 1,
            })]).Fill(next);
            if (_half)
                tensor.Fill(Rounded(tensor.Values));
            Tensors.Add(tensor);
        }

        return new TensorPart { Outputs = names, Axes = axes, From = before, Channels = after == 0 && _random.Next(2) == 0 ? 0 : axes == "bn" ? 0 : channels };
    }

    private static Func<float> Rounded(float[] values)
    {
        var halves = values.Select(value => (float)(Half)value).ToArray();
        var i = 0;
        return () => halves[i++];
    }

    private float BoxValue(BoxCode code, BoxUnits units)
    {
        var value = _random.NextSingle();
        return code switch
        {
            BoxCode.Distances => value * (units == BoxUnits.Stride ? 2 : 12),
            BoxCode.Distribution => (6 * value) - 3,
            BoxCode.CentreSize or BoxCode.LinearDeltas => 2 * value,
            BoxCode.Xyxy or BoxCode.Yxyx or BoxCode.Xywh or BoxCode.Cxcywh or BoxCode.Cycxhw => units is BoxUnits.InputNormalised or BoxUnits.OriginalNormalised ? value : 24 * value,
            _ => (4 * value) - 2,
        };
    }

    private float ScoreValue(Activation activation, bool ties)
    {
        var value = ties ? _random.Next(5) / 4f : _random.NextSingle();
        return activation == Activation.None ? value : (10 * value) - 6;
    }

    private T Any<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
