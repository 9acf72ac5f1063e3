using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Tests.Models;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Families;

/// <summary>The passports of docs/models.md, each beside a small graph with the interface it is about. Expected boxes are worked out by hand.</summary>
public sealed class WorkedPassportTests : IDisposable
{
    private const OnnxWriter.Element Float = OnnxWriter.Element.Float;
    private readonly string _folder = Directory.CreateTempSubdirectory("serve-passports-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Fcos()
    {
        var graph = new LinearGraph("images", Float, "b", 3, 256, 256);
        foreach (var (level, cells) in ((string, int)[])[("3", 32), ("4", 16), ("5", 8)])
        {
            var (classes, distances, centreness) = (Filled(20 * cells * cells, -9), new float[4 * cells * cells], Filled(cells * cells, -9));
            if (level == "4")
            {
                // Row 5, column 7 of stride 16: its place is (120, 88).
                var cell = 5 * cells + 7;
                (classes[11 * cells * cells + cell], centreness[cell]) = (2, 1);
                for (var side = 0; side < 4; side++)
                    distances[side * cells * cells + cell] = side + 1;
            }

            graph.Output($"cls{level}", Float, ["b", 20, cells, cells], classes).Output($"reg{level}", Float, ["b", 4, cells, cells], distances)
                .Output($"ctr{level}", Float, ["b", 1, cells, cells], centreness);
        }

        var found = await Single(graph, "FCOS, raw heads", 256, 256);

        Assert.Equal("dog", found.Category.Name);
        Assert.Equal(Math.Sqrt(Sigmoid(2) * Sigmoid(1)), found.Score, 1e-5);
        AssertBox(found, 120 - 16, 88 - 32, 120 + 48, 88 + 64);
    }

    [Fact]
    public async Task EfficientDet()
    {
        const int rows = (16 * 16 + 8 * 8) * 9;
        // Level 1, row 2, column 3, anchor 4 (112.8889 x 56.4445): its place is (56, 40).
        var at = 16 * 16 * 9 + (2 * 8 + 3) * 9 + 4;
        var (regression, classification) = (new float[rows * 4], new float[rows * 90]);
        (regression[at * 4], regression[at * 4 + 1], regression[at * 4 + 2], regression[at * 4 + 3]) = (0.1f, -0.2f, -0.3f, -0.4f);
        classification[at * 90 + 17] = 0.75f;
        var graph = new LinearGraph("input", Float, 1, 3, 128, 128).Output("regression", Float, [1, rows, 4], regression).Output("classification", Float, [1, rows, 90], classification);

        var found = await Single(graph, "EfficientDet", 128, 128);

        var (x, y) = (56 - 0.2 * 112.8889, 40 + 0.1 * 56.4445);
        var (w, h) = (112.8889 * Math.Exp(-0.4), 56.4445 * Math.Exp(-0.3));
        Assert.Equal(("dog", 18), (found.Category.Name, found.Category.Id));
        AssertBox(found, Math.Max(0, x - w / 2), y - h / 2, x + w / 2, y + h / 2);
    }

    [Fact]
    public async Task YoloV2()
    {
        const int cells = 13 * 13;
        var grid = new float[125 * cells];
        for (var anchor = 0; anchor < 5; anchor++)
            Array.Fill(grid, -9, (anchor * 25 + 4) * cells, cells);
        // Row 4, column 6, anchor 1 (109.44 x 141.12).
        var at = 25 * cells + 4 * 13 + 6;
        (grid[at], grid[at + cells], grid[at + 2 * cells], grid[at + 3 * cells], grid[at + 4 * cells], grid[at + (5 + 11) * cells]) = (0.5f, -0.5f, 0.2f, -0.1f, 2, 3);
        var graph = new LinearGraph("image", Float, 1, 3, 416, 416).Output("grid", Float, [1, 125, 13, 13], grid);

        var found = await Single(graph, "YOLOv2", 832, 416);

        var (x, y) = ((6 + Sigmoid(0.5)) * 32, (4 + Sigmoid(-0.5)) * 32);
        var (w, h) = (109.44 * Math.Exp(0.2), 141.12 * Math.Exp(-0.1));
        Assert.Equal("dog", found.Category.Name);
        Assert.Equal(Sigmoid(2) * Math.Exp(3) / (Math.Exp(3) + 19), found.Score, 1e-5);
        AssertBox(found, 2 * (x - w / 2), y - h / 2, 2 * (x + w / 2), y + h / 2);
    }

    [Fact]
    public async Task CenterNet()
    {
        const int cells = 32 * 32;
        var (heat, offset, size) = (Filled(20 * cells, -9), new float[2 * cells], new float[2 * cells]);
        // A peak at row 10, column 12, and a slope beside it that is no object of its own.
        var cell = 10 * 32 + 12;
        (heat[11 * cells + cell], heat[11 * cells + cell + 1]) = (2, 1);
        (offset[cell], offset[cells + cell], size[cell], size[cells + cell]) = (0.25f, 0.75f, 5, 7);
        var graph = new LinearGraph("input", Float, 1, 3, 128, 128)
            .Output("hm", Float, [1, 20, 32, 32], heat).Output("wh", Float, [1, 2, 32, 32], size).Output("reg", Float, [1, 2, 32, 32], offset);

        var found = await Single(graph, "CenterNet", 128, 128);

        Assert.Equal(Sigmoid(2), found.Score, 1e-5);
        AssertBox(found, 49 - 10, 43 - 14, 49 + 10, 43 + 14);
    }

    [Fact]
    public async Task Scrfd()
    {
        var graph = new LinearGraph("input.1", Float, 1, 3, 64, 64);
        foreach (var (stride, rows) in ((int, int)[])[(8, 128), (16, 32), (32, 8)])
        {
            var (score, boxes, points) = (new float[rows], new float[rows * 4], new float[rows * 10]);
            if (stride == 16)
            {
                // Row 1, column 2, the second of two: its place is (32, 16).
                var at = (1 * 4 + 2) * 2 + 1;
                (score[at], boxes[at * 4], boxes[at * 4 + 1], boxes[at * 4 + 2], boxes[at * 4 + 3]) = (0.8f, 1, 0.5f, 1.5f, 2);
                (points[at * 10], points[at * 10 + 1], points[at * 10 + 8], points[at * 10 + 9]) = (-0.5f, 0.25f, 1, 1);
            }

            graph.Output($"score_{stride}", Float, [rows, 1], score).Output($"bbox_{stride}", Float, [rows, 4], boxes).Output($"kps_{stride}", Float, [rows, 10], points);
        }

        var found = await Single(graph, "SCRFD", 128, 64);

        // The picture is twice as wide as the input: it fills the upper half.
        AssertBox(found, 2 * 16, 2 * 8, 2 * 56, 64);
        Assert.Equal((2 * 24.0, 2 * 20.0), (found.Keypoints![0].X, found.Keypoints[0].Y));
        Assert.Equal((2 * 48.0, 2 * 32.0), (found.Keypoints[4].X, found.Keypoints[4].Y));
    }

    [Fact]
    public async Task YuNet()
    {
        var graph = new LinearGraph("input", Float, 1, 3, 64, 64);
        foreach (var (stride, rows) in ((int, int)[])[(8, 64), (16, 16), (32, 4)])
        {
            var (classes, objectness, boxes, points) = (new float[rows], new float[rows], new float[rows * 4], new float[rows * 10]);
            if (stride == 8)
            {
                // Row 3, column 4.
                var at = 3 * 8 + 4;
                (classes[at], objectness[at], boxes[at * 4], boxes[at * 4 + 1], boxes[at * 4 + 2], boxes[at * 4 + 3]) = (0.9f, 0.8f, 0.5f, 0.25f, 1, 0.5f);
                (points[at * 10 + 2], points[at * 10 + 3]) = (0.5f, -0.5f);
            }

            graph.Output($"cls_{stride}", Float, [1, rows, 1], classes).Output($"obj_{stride}", Float, [1, rows, 1], objectness)
                .Output($"bbox_{stride}", Float, [1, rows, 4], boxes).Output($"kps_{stride}", Float, [1, rows, 10], points);
        }

        var found = await Single(graph, "YuNet", 64, 64);

        Assert.Equal(Math.Sqrt(0.9 * 0.8), found.Score, 1e-5);
        AssertBox(found, 36 - 4 * Math.E, 26 - 4 * Math.Exp(0.5), 36 + 4 * Math.E, 26 + 4 * Math.Exp(0.5));
        Assert.Equal((36.0, 20.0), (found.Keypoints![1].X, found.Keypoints[1].Y));
    }

    [Fact]
    public async Task BlazeFace()
    {
        const int rows = 16 * 16 * 2 + 8 * 8 * 6;
        // Level 1, row 2, column 3, the fifth of six: its place is (56, 40).
        var at = 16 * 16 * 2 + (2 * 8 + 3) * 6 + 4;
        var (regressors, scores) = (new float[rows * 16], Filled(rows, -9));
        (regressors[at * 16], regressors[at * 16 + 1], regressors[at * 16 + 2], regressors[at * 16 + 3], regressors[at * 16 + 4], regressors[at * 16 + 5]) = (-4, 6, 30, 20, -10, -5);
        scores[at] = 2;
        var graph = new LinearGraph("input", Float, 1, 128, 128, 3).Output("regressors", Float, [1, rows, 16], regressors).Output("classificators", Float, [1, rows, 1], scores);

        var found = await Single(graph, "BlazeFace", 128, 128);

        AssertBox(found, 52 - 15, 46 - 10, 52 + 15, 46 + 10);
        Assert.Equal((46.0, 35.0), (found.Keypoints![0].X, found.Keypoints[0].Y));
        Assert.Equal(6, found.Keypoints.Count);
    }

    [Fact]
    public async Task YoloV4()
    {
        var graph = new LinearGraph("input_1:0", Float, 1, 64, 64, 3);
        foreach (var (name, cells) in ((string, int)[])[("Identity:0", 8), ("Identity_1:0", 4), ("Identity_2:0", 2)])
        {
            var values = new float[cells * cells * 3 * 25];
            for (var row = 0; row < cells * cells * 3; row++)
                values[row * 25 + 4] = -9;
            if (cells == 4)
            {
                // Row 1, column 2, anchor 0 (36 x 75).
                var at = (1 * 4 + 2) * 3 * 25;
                (values[at], values[at + 1], values[at + 2], values[at + 3], values[at + 4], values[at + 5 + 11]) = (3, -3, -1, -2, 2, 4);
            }

            graph.Output(name, Float, [1, cells, cells, 3, 25], values);
        }

        var found = await Single(graph, "YOLOv4", 64, 64);

        var (x, y) = ((2 + 0.5 + 1.1 * (Sigmoid(3) - 0.5)) * 16, (1 + 0.5 + 1.1 * (Sigmoid(-3) - 0.5)) * 16);
        var (w, h) = (36 * Math.Exp(-1), 75 * Math.Exp(-2));
        Assert.Equal(Sigmoid(2) * Sigmoid(4), found.Score, 1e-5);
        AssertBox(found, x - w / 2, y - h / 2, x + w / 2, y + h / 2);
    }

    [Fact]
    public async Task CaffeSsd()
    {
        var graph = new LinearGraph("data", Float, 1, 3, 300, 300)
            .Output("detection_out", Float, [1, 1, 2, 7], [0, 1, 0.9f, 0.1f, 0.2f, 0.5f, 0.6f, -1, 0, 0, 0, 0, 0, 0]);

        var found = await Single(graph, "SSD of Caffe", 400, 200);

        Assert.Equal("face", found.Category.Name);
        AssertBox(found, 40, 40, 200, 120);
    }

    private static void AssertBox(DetectedObject found, double x1, double y1, double x2, double y2)
    {
        Assert.Equal(x1, found.Box.X1, 1e-3);
        Assert.Equal(y1, found.Box.Y1, 1e-3);
        Assert.Equal(x2, found.Box.X2, 1e-3);
        Assert.Equal(y2, found.Box.Y2, 1e-3);
    }

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    private static float[] Filled(int length, float value)
    {
        var values = new float[length];
        Array.Fill(values, value);
        return values;
    }

    /// <summary>Runs the graph under the passport below that heading on a grey picture, and returns the one detection it gives.</summary>
    private async Task<DetectedObject> Single(LinearGraph graph, string heading, int width, int height)
    {
        var path = graph.Save(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, "model.json"), ModelsPage.Passport(heading), TestContext.Current.CancellationToken);
        await using var model = DetectionModel.Load(path, new DetectionModelOptions());

        var result = await model.DetectAsync(TestPictures.Plain(width, height, 90, 90, 90), new DetectionOptions(), TestContext.Current.CancellationToken);

        return Assert.Single(result.Detections);
    }
}
