using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Necks;

/// <summary>A feature pyramid of adder layers.</summary>
/// <remarks>
/// Chen et al., "An empirical study of adder neural networks for object detection", NeurIPS 2021, section 2.3. Its drawing of R-PAFPN exists in words only ("first bottom-up, then
/// top-down; residual connection for each 3x3 adder filter"); this is our reading, with a layer of its own for each level: L_i = A1(C_i); M_i = N_i + A3(N_i) with N of the finest level L
/// and N_(i+1) = L_(i+1) + A3s2(M_i) + every second cell of M_i; T_i = M_i + T_(i+1) upsampled; P_i = T_i + A3(T_i). A1, A3: an adder layer of that size and a batch normalisation.
/// Keys: <c>lateral.i</c>, <c>path.i</c>, <c>down.i</c>, <c>output.i</c> (from the finest level on), <c>p6</c>, <c>p7</c>; each <c>adder</c> and <c>norm</c>.
/// </remarks>
internal sealed class AdderPyramid : Neck
{
    private readonly ModuleList<AdderUnit> lateral = [];
    private readonly ModuleList<AdderUnit> path = [];
    private readonly ModuleList<AdderUnit> down = [];
    private readonly ModuleList<AdderUnit> output = [];
    private readonly AdderUnit? p6;
    private readonly AdderUnit? p7;
    private readonly NeckOptions options;

    /// <param name="options">Levels and channels.</param>
    /// <param name="inputs">Channels of C2, C3, C4, C5.</param>
    /// <param name="init">Fills the weights.</param>
    public AdderPyramid(NeckOptions options, IReadOnlyList<int> inputs, Initialisation init) : base(nameof(AdderPyramid))
    {
        this.options = options;
        var form = options.Adder.Form;
        foreach (var (index, channels) in inputs.Skip(options.FirstLevel - 2).Index())
        {
            var isFinest = index == 0;
            lateral.Add(new AdderUnit(channels, Channels, 1, options.Adder, init));
            if (form == AdderPyramidForm.BottomUpFirst || (form != AdderPyramidForm.TopDown && !isFinest))
                path.Add(Unit(1));
            if (form != AdderPyramidForm.TopDown && !isFinest)
                down.Add(Unit(2));
            output.Add(Unit(1));
        }

        if (options.Extra == ExtraLevels.ConvolutionFromOutput)
            (p6, p7) = (Unit(2), Unit(2));
        Strides =
        [
            .. Backbone.Strides.Skip(options.FirstLevel - 2),
            .. options.Extra switch { ExtraLevels.MaxPool => [64], ExtraLevels.ConvolutionFromOutput => new[] { 64, 128 }, _ => [] },
        ];
        RegisterComponents();

        AdderUnit Unit(int stride) => new(Channels, Channels, 3, options.Adder, init, stride);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Strides { get; }

    /// <inheritdoc/>
    public override int Channels => options.Channels;

    private bool IsResidual => options.Adder.Form is AdderPyramidForm.ThenBottomUpResidual or AdderPyramidForm.BottomUpFirst;

    /// <summary>The levels, finest first.</summary>
    /// <param name="input">C2, C3, C4, C5.</param>
    public override IReadOnlyList<FeatureLevel> forward(IReadOnlyList<TracedTensor> input)
    {
        List<TracedTensor> maps = [.. lateral.Zip(input.Skip(options.FirstLevel - 2), (layer, map) => layer.call(map))];
        maps = options.Adder.Form switch
        {
            AdderPyramidForm.TopDown => Outputs(TopDown(maps)),
            AdderPyramidForm.BottomUpFirst => Outputs(TopDown(BottomUpFirst(maps))),
            _ => BottomUp(Outputs(TopDown(maps))),
        };

        if (options.Extra == ExtraLevels.MaxPool)
            maps.Add(maps[^1].Subsample(2));
        if (p6 is not null && p7 is not null)
        {
            maps.Add(Halved(p6, maps[^1]));
            maps.Add(Halved(p7, options.ReluBeforeLast && !IsResidual ? maps[^1].Relu() : maps[^1]));
        }

        return [.. Strides.Zip(maps, (stride, map) => new FeatureLevel(stride, map))];
    }

    private static List<TracedTensor> TopDown(List<TracedTensor> maps)
    {
        for (var i = maps.Count - 2; i >= 0; i--)
            maps[i] += maps[i + 1].UpsampleTo(maps[i]);
        return maps;
    }

    private List<TracedTensor> BottomUpFirst(List<TracedTensor> maps)
    {
        for (var i = 0; i < maps.Count; i++)
        {
            if (i > 0)
                maps[i] += Halved(down[i - 1], maps[i - 1]);
            maps[i] = Same(path[i], maps[i]);
        }

        return maps;
    }

    private List<TracedTensor> BottomUp(List<TracedTensor> maps)
    {
        for (var i = 1; i < maps.Count; i++)
            maps[i] = Same(path[i - 1], maps[i] + Halved(down[i - 1], maps[i - 1]));
        return maps;
    }

    private List<TracedTensor> Outputs(List<TracedTensor> maps) => [.. output.Zip(maps, Same)];

    private TracedTensor Same(AdderUnit unit, TracedTensor map) => IsResidual ? map + unit.call(map) : unit.call(map);

    private TracedTensor Halved(AdderUnit unit, TracedTensor map) => IsResidual ? unit.call(map) + map.Subsample(2) : unit.call(map);

    private sealed class AdderUnit : nn.Module<TracedTensor, TracedTensor>
    {
        private readonly AdderLayer adder;
        private readonly NormLayer norm;
        private readonly bool hasRelu;

        public AdderUnit(int inputs, int outputs, int size, AdderPyramidOptions options, Initialisation init, int stride = 1) : base(nameof(AdderUnit))
        {
            adder = new AdderLayer(inputs, outputs, size, init, stride, options.Gradient);
            norm = Norm.Batch.Create(outputs);
            hasRelu = options.ReluInside;
            RegisterComponents();
        }

        public override TracedTensor forward(TracedTensor input)
        {
            var x = norm.call(adder.call(input));
            return hasRelu ? x.Relu() : x;
        }
    }
}
