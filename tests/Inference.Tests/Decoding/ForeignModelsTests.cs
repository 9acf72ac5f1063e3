using System.Text;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Tests.Decoding;

/// <summary>Real models with specs written by hand, against what other programs found with them.</summary>
public sealed class ForeignModelsTests
{
    private static readonly DecodingSpec Yolox = new()
    {
        Boxes = new TensorPart { Outputs = ["output"], Channels = 4 },
        Objectness = new TensorPart { Outputs = ["output"], From = 4, Channels = 1 },
        Scores = new TensorPart { Outputs = ["output"], From = 5 },
        Score = ScoreRule.ObjectnessTimesCategory,
        Code = BoxCode.GridExp,
        Grid = new GridSpec { Strides = [8, 16, 32] },
        Nms = new NmsSpec { Iou = 0.45 },
    };

    private static readonly InputSpec YoloxInput = new()
    {
        Name = "images",
        Width = 416,
        Height = 416,
        Filter = ResizeFilter.Bilinear,
        Rounding = SizeRounding.Down,
        OneFactor = true,
        PadValue = 114,
        ChannelOrder = "bgr",
        ColourManaged = false,
    };

    private static readonly DecodingSpec Segmentation = new()
    {
        Boxes = new TensorPart { Outputs = ["output0"], Axes = "bcn", Channels = 4 },
        Scores = new TensorPart { Outputs = ["output0"], Axes = "bcn", From = 4, Channels = 80 },
        Code = BoxCode.Cxcywh,
        Nms = new NmsSpec { Iou = 0.7 },
        MaxDetections = 300,
        Masks = new MaskSpec
        {
            Frame = MaskFrame.Prototypes,
            Output = "output1",
            Coefficients = new TensorPart { Outputs = ["output0"], Axes = "bcn", From = 84 },
        },
    };

    private static readonly InputSpec SegmentationInput = new()
    {
        Name = "images",
        Width = 320,
        Height = 320,
        Resize = ResizeRule.LetterboxCentre,
        OneFactor = true,
        Filter = ResizeFilter.Bilinear,
        PadValue = 114,
        Scale = 1 / 255.0,
        ColourManaged = false,
    };

    private static readonly DecodingSpec RetinaFace = new()
    {
        Boxes = new TensorPart { Outputs = ["output0"] },
        Scores = new TensorPart { Outputs = ["output1"] },
        Background = 0,
        Code = BoxCode.Deltas,
        Variances = [0.1, 0.2],
        Grid = new GridSpec { Strides = [8, 16, 32], Anchors = [[[16, 16], [32, 32]], [[64, 64], [128, 128]], [[256, 256], [512, 512]]] },
        Nms = new NmsSpec { Iou = 0.4 },
        Keypoints = new KeypointSpec { Part = new TensorPart { Outputs = ["output2"] }, Code = BoxCode.Deltas },
    };

    private static readonly InputSpec RetinaFaceInput = new()
    {
        Name = "input0",
        Width = 640,
        Height = 640,
        Filter = ResizeFilter.Bilinear,
        PadAfterNormalising = true,
        OneFactor = true,
        ChannelOrder = "bgr",
        Mean = [104, 117, 123],
        ColourManaged = false,
    };

    private static readonly DecodingSpec PicoDet = new()
    {
        Boxes = new TensorPart { Outputs = [.. Enumerable.Range(4, 4).Select(i => $"save_infer_model/scale_{i}.tmp_1")] },
        Scores = new TensorPart { Outputs = [.. Enumerable.Range(0, 4).Select(i => $"save_infer_model/scale_{i}.tmp_1")] },
        Code = BoxCode.Distribution,
        Units = BoxUnits.Stride,
        Grid = new GridSpec { Strides = [8, 16, 32, 64] },
        Nms = new NmsSpec { Iou = 0.6 },
    };

    private static readonly InputSpec PicoDetInput = new()
    {
        Name = "image",
        Width = 320,
        Height = 320,
        Resize = ResizeRule.Stretch,
        Filter = ResizeFilter.Bicubic,
        Mean = [123.675, 116.28, 103.53],
        Std = [58.395, 57.12, 57.375],
        ColourManaged = false,
    };

    [Theory]
    [InlineData("yolox-nano", 0.98, 0.01)]
    [InlineData("picodet-s-320", 0.98, 0.01)]
    [InlineData("retinaface-mobile025", 0.98, 0.01)]
    [InlineData("yolov8n-seg-int8", 0.87, 0.08)]
    public void Detections_are_those_of_other_programs(string model, double iou, double score)
    {
        var folder = TestFiles.Shared($"models/{model}");
        var (spec, input, categories) = model switch
        {
            "yolox-nano" => (Yolox, YoloxInput, 80),
            "picodet-s-320" => (PicoDet, PicoDetInput, 80),
            "retinaface-mobile025" => (RetinaFace, RetinaFaceInput, 1),
            _ => (Segmentation, SegmentationInput, 80),
        };
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(Path.Combine(folder, "model.onnx"), options);
        var compared = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "expected"), "*.json"))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            var threshold = document.RootElement.GetProperty("threshold").GetDouble();
            var found = Detect(session, spec, input, categories, Path.Combine(TestFiles.Shared(""), document.RootElement.GetProperty("image").GetString()!), threshold);
            foreach (var expected in document.RootElement.GetProperty("detections").EnumerateArray())
            {
                if (expected.GetProperty("score").GetDouble() < threshold + 0.05)
                    continue;
                compared++;
                var id = categories == 1 ? 0 : expected.GetProperty("class_id").GetInt64();
                var same = found.Where(detection => detection.Category.Id == id).MaxBy(detection => Iou(detection.Box, Corners(expected)));
                Assert.True(same.Score > 0 && Iou(same.Box, Corners(expected)) >= iou, $"{file}: {expected.GetRawText()} against {same}");
                Assert.Equal(expected.GetProperty("score").GetDouble(), same.Score, score);
                AssertParts(expected, same);
            }
        }

        Assert.True(compared >= 10);
    }

    private static void AssertParts(JsonElement expected, DetectedObject found)
    {
        if (expected.TryGetProperty("landmarks", out var landmarks))
        {
            // The reference rounds to hundredths of pixels; the scaled faces are up to 150 pixels wide.
            foreach (var (point, given) in landmarks.EnumerateArray().Zip(found.Keypoints!))
            {
                Assert.Equal(point[0].GetDouble(), given.X, 1.0);
                Assert.Equal(point[1].GetDouble(), given.Y, 1.0);
            }
        }

        if (expected.TryGetProperty("mask", out var mask))
        {
            var reference = new RunLengths();
            Assert.True(reference.TryRead(Encoding.ASCII.GetBytes(mask.GetProperty("counts").GetString()!), mask.GetProperty("size")[0].GetInt32(), mask.GetProperty("size")[1].GetInt32()));
            Assert.InRange(Iou(reference, found.Mask!), 0.9, 1);
        }
    }

    private static List<DetectedObject> Detect(InferenceSession session, DecodingSpec spec, InputSpec input, int categories, string path, double threshold)
    {
        var picture = PictureDecoder.DecodeFile(path, new PictureLimits(), new PictureUse(ColourManaged: false));
        var pixels = new float[3 * input.Width * input.Height];
        var plan = InputTensor.Write(picture, input, pixels);
        using var tensor = OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, input.Height, input.Width]);
        var decoder = OutputDecoder.Create(spec, input, [.. Enumerable.Range(0, categories).Select(i => new Category(i, $"{i}"))]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [input.Name], [tensor], decoder.Outputs);
        var detections = new List<DetectedObject>();
        decoder.Decode(outputs, 0, plan, new DetectionOptions(), threshold, detections);
        return detections;
    }

    private static Box Corners(JsonElement detection)
    {
        var box = detection.GetProperty("box");
        return new Box(box[0].GetDouble(), box[1].GetDouble(), box[2].GetDouble(), box[3].GetDouble());
    }

    private static double Iou(Box a, Box b)
    {
        var overlap = Math.Max(0, Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1)) * Math.Max(0, Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1));
        return overlap / ((a.Width * a.Height) + (b.Width * b.Height) - overlap);
    }

    private static double Iou(RunLengths a, RunLengths b)
    {
        var (first, second) = (Pixels(a), Pixels(b));
        return (double)first.Intersect(second).Count() / first.Union(second).Count();
    }

    private static HashSet<uint> Pixels(RunLengths mask)
    {
        var pixels = new HashSet<uint>();
        for (var run = 1; run < mask.Count; run += 2)
        {
            for (var pixel = mask.Ends[run - 1]; pixel < mask.Ends[run]; pixel++)
                pixels.Add(pixel);
        }

        return pixels;
    }
}
