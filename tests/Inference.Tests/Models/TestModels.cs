using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Models;

/// <summary>
/// Small end-to-end graphs whose answer can be told from the picture's mean brightness m (0..1, padding included): row 0 is a cat of score m in the box
/// (4, 4)..(4 + 16 m, 20), row 1 a dog of score m / 2 in the box (-8, 2)..(12, 40), row 2 is empty. More rows, where asked for, are cats of score m / 4 in the box (0, 0)..(8, 8).
/// Ballast is a number of weights that change nothing.
/// </summary>
internal static class TestModels
{
    public const int Width = 32;
    public const int Height = 24;

    public static Passport Passport { get; } = TestPassports.Small with { ScoreThreshold = 0.3 };

    /// <summary>How a graph goes wrong.</summary>
    public enum Fault
    {
        None,

        /// <summary>Scores are not numbers for a picture darker than one half.</summary>
        NanWhenDark,

        /// <summary>The run fails when a picture of the batch is brighter than three quarters.</summary>
        FailsWhenBright,

        /// <summary>The first label is 5, of 2.</summary>
        UnknownLabel,
    }

    /// <summary>Writes a model folder and returns its path.</summary>
    public static string Write(string folder, Passport? passport = null, Fault fault = Fault.None, object? batch = null, bool passportInMetadata = false, int moreRows = 0, int ballast = 0)
    {
        passport ??= Passport;
        Directory.CreateDirectory(folder);
        var graph = Graph(passport, fault, batch ?? "batch", moreRows, ballast);
        if (passportInMetadata)
            graph.Metadata("serve.passport", passport.ToJson());
        else
            File.WriteAllText(Path.Combine(folder, "model.json"), passport.ToJson());
        graph.Save(Path.Combine(folder, "model.onnx"));
        return folder;
    }

    /// <summary>A picture of the input's size whose mean brightness is level / 255.</summary>
    public static Picture Grey(byte level) => TestPictures.Plain(Width, Height, level, level, level);

    private static OnnxWriter Graph(Passport passport, Fault fault, object batch, int moreRows, int ballast)
    {
        var (width, height) = (passport.Input.Width, passport.Input.Height);
        var rows = 3 + moreRows;
        float[] More(params float[] row) => [.. Enumerable.Repeat(row, moreRows).SelectMany(values => values)];
        var graph = new OnnxWriter()
            .Input("images", OnnxWriter.Element.Float, batch, 3, height, width)
            .Output("boxes", OnnxWriter.Element.Float, batch, rows, 4)
            .Output("scores", OnnxWriter.Element.Float, batch, rows)
            .Output("labels", OnnxWriter.Element.Int64, batch, rows)
            .Floats("white", [1], 255)
            .Floats("half", [1], 0.5f)
            .Floats("zero", [1], 0)
            .Floats("scoreWeights", [1, rows], [1, 0.5f, 0, .. More(0.25f)])
            .Floats("boxSlope", [1, rows, 4], [0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. More(0, 0, 0, 0)])
            .Floats("boxBase", [1, rows, 4], [4, 4, 4, 20, -8, 2, 12, 40, 0, 0, 0, 0, .. More(0, 0, 8, 8)])
            .Floats("labelBase", [1, rows], [fault == Fault.UnknownLabel ? 5 : 0, 1, -1, .. More(0)])
            .Longs("rowShape", [2], -1, 1)
            .Longs("boxShape", [3], -1, 1, 1)
            .Longs("table", [1], 0)
            .Node("ReduceMean", ["images"], "mean", ("axes", new long[] { 1, 2, 3 }), ("keepdims", 1))
            .Node("Div", ["mean", "white"], ballast > 0 ? "light" : "brightness")
            .Node("Reshape", ["brightness", "rowShape"], "rowBrightness")
            .Node("Reshape", ["brightness", "boxShape"], "boxBrightness")
            .Node("Mul", ["boxBrightness", "boxSlope"], "stretched")
            .Node("Add", ["stretched", "boxBase"], "boxes")
            .Node("Mul", ["rowBrightness", "zero"], "rowZero")
            .Node("Add", ["rowZero", "labelBase"], "floatLabels");

        if (ballast > 0)
        {
            // Weights that add nothing: the mean of many zeros.
            graph.Floats("ballast", [ballast], new float[ballast])
                .Node("Mul", ["light", "ballast"], "load")
                .Node("ReduceMean", ["load"], "weight", ("axes", new long[] { 3 }), ("keepdims", 1))
                .Node("Add", ["light", "weight"], "brightness");
        }

        var scoreSource = fault == Fault.NanWhenDark ? "rooted" : "rowBrightness";
        if (fault == Fault.NanWhenDark)
            graph.Node("Sub", ["rowBrightness", "half"], "shifted").Node("Sqrt", ["shifted"], "rooted");
        graph.Node("Mul", [scoreSource, "scoreWeights"], "scores");
        if (fault != Fault.FailsWhenBright)
            return graph.Node("Cast", ["floatLabels"], "labels", ("to", 7));

        // Looks up row brightness * 4 / 3 of a table with one row: 0 is there, 1 is not.
        return graph
            .Floats("fourThirds", [1], 4 / 3f)
            .Node("Mul", ["rowBrightness", "fourThirds"], "scaled")
            .Node("Cast", ["scaled"], "position", ("to", 7))
            .Node("Gather", ["table", "position"], "found", ("axis", 0))
            .Node("Cast", ["floatLabels"], "cleanLabels", ("to", 7))
            .Node("Add", ["cleanLabels", "found"], "labels");
    }
}
