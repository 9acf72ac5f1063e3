using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Onnx;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Families;

/// <summary>The detections of a picture do not depend on what it was batched with, whatever the family.</summary>
public sealed class FamilyBatchTests : IDisposable
{
    private const int Batch = 4;
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public static TheoryData<string, string> Forms => [.. FamilyGraphs.All.Select(form => (form.Family, form.Form))];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_family_has_a_graph_here()
        => Assert.Equal([], ModelFamilies.All.Select(family => family.Name).Except(FamilyGraphs.All.Select(form => form.Family)));

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_picture_is_answered_alike_alone_and_in_a_batch(string family, string form)
    {
        var (_, _, write, runsTogether) = FamilyGraphs.All.Single(graph => (graph.Family, graph.Form) == (family, form));
        write(_folder.Path);
        using var session = Open(family);

        // Where the family keeps pictures apart, the batches that are made of these are of one.
        var largest = WarmUp.LargestBatch(session, new DetectionModelOptions { MaxBatch = Batch });
        largest = WarmUp.Run(session, largest, new BatchTimes(largest, double.NegativeInfinity, TimeSpan.Zero)).MaxBatch;
        Assert.Equal(runsTogether ? Batch : 1, largest);
        var pictures = Enumerable.Range(0, 2 * Batch).Select(i => Grey(128, 64, (byte)(30 * (i + 1)))).ToList();

        var alone = pictures.SelectMany(picture => Detect(session, picture)).ToList();
        var together = pictures.Chunk(largest).SelectMany(batch => Detect(session, batch)).ToList();

        Assert.Equal(pictures.Count, alone.Select(found => found[0].Score).Distinct().Count());
        foreach (var (one, other) in alone.Zip(together))
            AssertAlike(one, other);
    }

    private static void AssertAlike(IReadOnlyList<DetectedObject> alone, IReadOnlyList<DetectedObject> together)
    {
        Assert.Equal(alone.Select(found => found.Category), together.Select(found => found.Category));
        foreach (var (one, other) in alone.Zip(together))
        {
            Assert.Equal(one.Score, other.Score, 1e-6f);
            Assert.Equal(Numbers(one), Numbers(other));
        }
    }

    /// <summary>Corners, keypoints and the area of the mask, to a thousandth of a pixel.</summary>
    private static IEnumerable<double> Numbers(DetectedObject found)
        => ((double[])[found.Box.X1, found.Box.Y1, found.Box.X2, found.Box.Y2, found.Mask?.Area ?? 0, .. (found.Keypoints ?? []).SelectMany(point => (double[])[point.X, point.Y, point.Score ?? 0])])
            .Select(number => Math.Round(number, 3));

    private static List<IReadOnlyList<DetectedObject>> Detect(ModelSession session, params ReadOnlySpan<Picture> pictures)
    {
        var input = session.Passport.Input;
        var plan = ResizePlan.For(input, pictures[0].Width, pictures[0].Height);
        var buffer = session.Rent(new BufferShape(pictures.Length, plan.InputWidth, plan.InputHeight));
        for (var i = 0; i < pictures.Length; i++)
        {
            InputTensor.Write(pictures[i], input, plan, buffer.Picture(i));
            buffer.WriteExtras(i, plan);
        }

        var outputs = session.Run(buffer, alone: false);
        var found = new List<IReadOnlyList<DetectedObject>>();
        for (var i = 0; i < pictures.Length; i++)
        {
            var detections = new List<DetectedObject>();
            session.Decode(outputs, i, plan, new DetectionOptions(0.05), detections);
            found.Add(detections);
        }

        outputs.Release();
        session.Return(buffer);
        return found;
    }

    private ModelSession Open(string family)
    {
        var path = _folder.File("model.onnx");
        var graph = OnnxFile.Describe(path);
        using var probe = new GraphProbe(path, graph);
        var resolved = ModelResolver.Resolve(path, graph, probe, "model", 1);
        Assert.Equal(family, resolved.Family);
        return ModelSession.Open(path, new FileInfo(path).Length, graph, resolved.Passport, new DetectionModelOptions { Device = "cpu" });
    }

    private static Picture Grey(int width, int height, byte level) => TestPictures.Plain(width, height, level, level, level);
}
