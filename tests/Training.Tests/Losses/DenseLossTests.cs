using Serve.Training.Data;
using Serve.Training.Models.Dense;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

public sealed class DenseLossTests
{
    private const int Side = 128;
    private static readonly int[] Strides = [8, 16, 32, 64, 128];

    public static TheoryData<DenseKind> Kinds => [.. Enum.GetValues<DenseKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Images_without_objects_have_a_loss_and_a_finite_gradient(DenseKind kind)
    {
        using var scope = NewDisposeScope();
        var options = Options(kind);
        var levels = Random(options, images: 2, requiresGradient: true);

        var losses = DenseLoss.Compute(levels, [Of(), Of()], options);
        losses.Total.backward();

        Assert.All(losses.Parts.Skip(1), part => Assert.Equal(0, part.Value.item<float>()));
        Assert.True(losses.Total.item<float>() > 0);
        AssertFiniteGradients(levels);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Parts_add_up_and_the_batch_is_the_sum_of_its_images_before_division(DenseKind kind)
    {
        using var scope = NewDisposeScope();
        var options = Options(kind);
        var levels = Random(options, images: 2, requiresGradient: true);

        var losses = DenseLoss.Compute(levels, [Of(10, 20, 70, 90), Of(5, 5, 40, 30, 64, 64, 120, 126)], options);
        losses.Total.backward();

        Assert.Equal(losses.Total.item<float>(), losses.Parts.Values.Sum(part => part.item<float>()), 1e-4);
        Assert.All(losses.Parts.Values, part => Assert.True(part.item<float>() > 0));
        AssertFiniteGradients(levels);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Anchors_inside_a_crowd_region_are_no_background(DenseKind kind)
    {
        using var scope = NewDisposeScope();
        var options = Options(kind);
        var levels = Random(options, images: 1, requiresGradient: true);
        var crowd = Of() with { IgnoreBoxes = tensor(new float[] { -1, -1, Side + 1, Side + 1 }).view(1, 4) };

        var losses = DenseLoss.Compute(levels, [crowd], options);

        Assert.Equal(0, losses.Total.item<float>());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradient_descent_on_the_predictions_finds_the_boxes(DenseKind kind)
    {
        using var scope = NewDisposeScope();
        var options = Options(kind);
        var levels = Random(options, images: 1, requiresGradient: true);
        Tensor[] predictions = [.. levels.SelectMany(Tensors)];
        var targets = new[] { Of(12, 20, 76, 92) };

        for (var step = 0; step < 150; step++)
        {
            using var inner = NewDisposeScope();
            foreach (var prediction in predictions)
                prediction.grad?.zero_();
            DenseLoss.Compute(levels, targets, options).Total.backward();
            using var noGradient = no_grad();
            foreach (var prediction in predictions)
                prediction.sub_(prediction.grad!.sign() * 0.05);
        }

        using var images = zeros(1, 3, Side, Side);
        var found = DenseDecoder.Decode(new TracedTensor(images), levels, options.Anchors(Strides), options);
        Assert.Equal(1, found.Labels.Value[0, 0].item<long>());
        Assert.True(found.Scores.Value[0, 0].item<float>() > 0.5);
        Assert.InRange((found.Boxes.Value[0, 0] - targets[0].Boxes[0]).abs().max().item<float>(), 0, 4);
    }

    [Fact]
    public void Wrong_number_of_targets_is_refused()
    {
        using var scope = NewDisposeScope();
        var options = Options(DenseKind.Atss);

        var fault = Assert.Throws<ArgumentException>(() => DenseLoss.Compute(Random(options, images: 2, requiresGradient: false), [Of()], options));

        Assert.Contains("expected one entry for each of 2 images, got 1", fault.Message, StringComparison.Ordinal);
    }

    private static DenseOptions Options(DenseKind kind) => new()
    {
        CategoryCount = 2,
        Kind = kind,
        AnchorSides = kind == DenseKind.Retina ? [4, 6] : [8],
        AnchorRatios = kind == DenseKind.Retina ? [0.5, 1, 2] : [1],
    };

    private static List<DenseLevel> Random(DenseOptions options, int images, bool requiresGradient)
    {
        using var generator = new Generator(5);
        return [.. Strides.Select(stride => new DenseLevel(
            stride, Map(options.AnchorCount * options.CategoryCount, stride), Map(options.AnchorCount * options.BoxChannels, stride),
            options.Kind == DenseKind.Atss ? Map(options.AnchorCount, stride) : null))];

        TracedTensor Map(int channels, int stride) => new((randn([images, channels, Side / stride, Side / stride], generator: generator) * 0.3).requires_grad_(requiresGradient));
    }

    private static IEnumerable<Tensor> Tensors(DenseLevel level) => new[] { level.Classes, level.Boxes, level.Centerness }.OfType<TracedTensor>().Select(map => map.Value);

    private static void AssertFiniteGradients(IEnumerable<DenseLevel> levels)
        => Assert.All(levels.SelectMany(Tensors), map => Assert.True(isfinite(map.grad!).all().item<bool>()));

    // Objects of category 1.
    private static DetectionTargets Of(params float[] boxes) => new(tensor(boxes).view(-1, 4), ones(boxes.Length / 4, dtype: int64), zeros(0, 4));
}
