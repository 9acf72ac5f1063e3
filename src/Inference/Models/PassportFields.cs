using System.Text.Json;
using Serve.Inference.Decoding;
using Serve.Inference.Wire;

namespace Serve.Inference.Models;

/// <summary>Checks presence and types of a passport's fields, so that all faults of a file are told at once and by their path.</summary>
internal static class PassportFields
{
    private const string Text = "a text";
    private const string Number = "a number";
    private const string Whole = "a whole number";
    private const string Object = "an object";
    private const string Array = "an array";
    private const string Flag = "true or false";

    /// <param name="Name">Its name; empty for the document and for elements of arrays.</param>
    /// <param name="Kind">What it holds.</param>
    /// <param name="Required">Whether it must be there.</param>
    /// <param name="Nullable">Whether null stands for its absence.</param>
    /// <param name="Fields">The fields of an object.</param>
    /// <param name="Element">What an array holds.</param>
    private sealed record Field(string Name, string Kind, bool Required = false, bool Nullable = false, Field[]? Fields = null, Field? Element = null);

    /// <summary>A member of an enumeration in kebab case.</summary>
    private static Field Choice<T>(string name, bool required = false) where T : struct, Enum
        => new(name, KebabCaseConverter<T>.Choices, required);

    private static Field Part(string name, bool required = false) => new(name, Object, required, Nullable: !required, Fields:
    [
        new("outputs", Array, Required: true, Element: new("", Text)), new("axes", Text), new("from", Whole), new("channels", Whole),
        Choice<Activation>("activation"),
    ]);

    private static readonly Field[] Data =
    [
        new("name", Text, Required: true), new("contentHash", Text, Required: true), new("images", Whole, Required: true),
        new("epochs", Number, Required: true),
    ];

    private static readonly Field Root = new("", Object, Required: true, Fields:
    [
        new("schema", Whole),
        new("name", Text, Required: true),
        new("version", Whole, Required: true),
        new("family", Text),
        new("input", Object, Required: true, Fields:
        [
            new("name", Text), new("width", Whole, Required: true), new("height", Whole, Required: true),
            Choice<ResizeRule>("resize"), Choice<ResizeFilter>("filter"), Choice<SizeRounding>("rounding"), new("oneFactor", Flag), new("sizeMultiple", Whole),
            new("padValue", Number), new("padAfterNormalising", Flag), new("channelOrder", Text), new("scale", Number),
            new("mean", Array, Element: new("", Number)), new("std", Array, Element: new("", Number)),
            Choice<TensorLayout>("layout"), Choice<PixelType>("type"), new("colourManaged", Flag), new("maxBatch", Whole),
            new("extra", Array, Element: new("", Object, Fields:
            [
                new("name", Text, Required: true), Choice<ExtraValue>("value", required: true), new("order", Text),
                new("numbers", Array, Element: new("", Number)),
            ])),
        ]),
        new("decoding", Object, Nullable: true, Fields:
        [
            Part("boxes", required: true), Part("sizes"), Part("scores", required: true), Part("labels"), Part("objectness"), Part("count"), Part("batchIndex"),
            new("selected", Text, Nullable: true), Choice<BoxCode>("code"), Choice<BoxUnits>("units"), new("variances", Array, Element: new("", Number)),
            new("largestLogSize", Number, Nullable: true),
            new("grid", Object, Nullable: true, Fields:
            [
                new("strides", Array, Required: true, Element: new("", Number)),
                new("maps", Array, Element: new("", Array, Element: new("", Whole))), new("offset", Number),
                new("anchors", Array, Element: new("", Array, Element: new("", Array, Element: new("", Number)))),
                new("centreScales", Array, Element: new("", Number)), new("perCell", Whole), new("anchorFirst", Flag), new("clipAnchors", Flag),
            ]),
            Choice<ScoreRule>("score"), Choice<LabelRule>("choose"), new("background", Whole, Nullable: true), new("labelOffset", Whole), new("labelsAreIds", Flag),
            new("peakKernel", Whole), new("nms", Object, Nullable: true, Fields: [new("iou", Number, Required: true), new("perCategory", Flag), new("maxCandidates", Whole)]),
            new("maxDetections", Whole),
            new("masks", Object, Nullable: true, Fields:
            [
                Choice<MaskFrame>("frame", required: true), new("output", Text, Required: true), new("axes", Text), Part("coefficients"),
                Choice<Activation>("activation"), new("threshold", Number), new("cutAtBox", Flag),
            ]),
            new("keypoints", Object, Nullable: true, Fields:
            [
                Part("part", required: true), Part("scores"), new("dimensions", Whole), Choice<BoxCode>("code"), new("names", Array, Element: new("", Text)),
            ]),
        ]),
        new("outputs", Object, Fields: [new("boxes", Text), new("scores", Text), new("labels", Text, Nullable: true), new("masks", Text, Nullable: true)]),
        new("categories", Array, Required: true, Element: new("", Object, Fields:
        [
            new("id", Whole, Required: true), new("name", Text, Required: true), new("supercategory", Text, Nullable: true),
        ])),
        new("scoreThreshold", Number),
        new("provenance", Object, Nullable: true, Fields:
        [
            new("recipe", Text, Required: true), new("commit", Text, Required: true), new("seed", Whole, Required: true),
            new("trainedOn", Array, Required: true, Element: new("", Object, Fields: Data)),
            new("pretrainedOn", Array, Element: new("", Object, Fields: Data)),
            new("annotationTypes", Array, Nullable: true, Element: new("", Text)), new("aggressiveTuning", Flag, Nullable: true),
            new("testTimeAugmentation", Flag, Nullable: true),
            new("parameters", Whole, Required: true), new("multiplyAdds", Whole, Required: true),
            new("trainingResolution", Text, Required: true), new("testResolution", Text, Required: true), new("licence", Text),
            new("metrics", Array, Element: new("", Object, Fields:
            [
                new("dataset", Text, Required: true), new("protocol", Text, Required: true), new("values", Object, Required: true),
            ])),
        ]),
    ]);

    /// <summary>Faults of a document, in the order of the fields.</summary>
    public static IEnumerable<string> Faults(JsonElement document) => Faults(document, Root, "");

    private static IEnumerable<string> Faults(JsonElement value, Field field, string path)
    {
        if (!Is(value, field.Kind))
        {
            yield return $"{(path.Length == 0 ? "the document" : path)}: expected {Expected(field.Kind)}, got {Describe(value)}";
            yield break;
        }

        foreach (var child in field.Fields ?? [])
        {
            var childPath = path.Length == 0 ? child.Name : $"{path}.{child.Name}";
            if (!value.TryGetProperty(child.Name, out var property) || (property.ValueKind == JsonValueKind.Null && (child.Required || child.Nullable)))
            {
                if (child.Required)
                    yield return $"{childPath}: is missing ({child.Kind})";
                continue;
            }

            foreach (var fault in Faults(property, child, childPath))
                yield return fault;
        }

        if (field.Element is null)
            yield break;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            foreach (var fault in Faults(item, field.Element, $"{path}[{index}]"))
                yield return fault;
            index++;
        }
    }

    private static bool Is(JsonElement value, string kind) => kind switch
    {
        Text => value.ValueKind == JsonValueKind.String,
        Number => value.ValueKind == JsonValueKind.Number,
        Whole => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        Object => value.ValueKind == JsonValueKind.Object,
        Array => value.ValueKind == JsonValueKind.Array,
        var choices => value.ValueKind == JsonValueKind.String && choices.Split(", ").Contains(value.GetString(), StringComparer.Ordinal),
    };

    private static string Expected(string kind) => kind.Contains(", ", StringComparison.Ordinal) ? $"one of {kind}" : kind;

    private static string Describe(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length > 40 ? text[..40] + "..." : text;
    }
}
