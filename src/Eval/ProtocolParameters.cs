using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Json;

namespace Serve.Eval;

/// <summary>
/// Reads parameters by the COCO reference's own names, under any protocol: a JSON object with any of <c>iouThrs</c>, <c>recThrs</c>, <c>maxDets</c>, <c>areaRng</c>,
/// <c>areaRngLbl</c>, <c>useCats</c>, <c>imgIds</c> and <c>catIds</c>, and for keypoints <c>sigmas</c>; what is not named keeps its default. <c>iouType</c> may
/// say <c>bbox</c>, <c>segm</c> or <c>keypoints</c>, and must then be the protocol's.
/// </summary>
public static class ProtocolParameters
{
    /// <summary>Reads a parameter file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="protocol">The protocol whose parameters are changed.</param>
    /// <exception cref="InvalidInputException">The file is missing or not such an object, or a parameter is out of range; the message names all of the latter.</exception>
    public static T Read<T>(string path, T protocol)
        where T : Protocol
    {
        using var file = InputFile.Open(path, path);
        return Read(file, path, protocol);
    }

    /// <summary>Reads parameters from a stream.</summary>
    /// <param name="stream">The JSON document; read to its end, not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="protocol">The protocol whose parameters are changed.</param>
    /// <exception cref="InvalidInputException">The document is not such an object, or a parameter is out of range.</exception>
    public static T Read<T>(Stream stream, string source, T protocol)
        where T : Protocol
    {
        try
        {
            using var document = JsonDocument.Parse(stream);
            return Read(document.RootElement, source, protocol);
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"{source}: not valid JSON at line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}.", fault);
        }
    }

    /// <summary>Reads parameters from a JSON object.</summary>
    /// <param name="parameters">The object.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="protocol">The protocol whose parameters are changed.</param>
    /// <exception cref="InvalidInputException">It is not such an object, or a parameter is out of range.</exception>
    public static T Read<T>(JsonElement parameters, string source, T protocol)
        where T : Protocol
    {
        if (parameters.ValueKind is not JsonValueKind.Object)
            throw new InvalidInputException($"{source}: not an object; parameters are an object with any of {Known(protocol)}.");
        var defaults = protocol;
        double[][]? ranges = null;
        string[]? labels = null;
        foreach (var parameter in parameters.EnumerateObject())
        {
            var value = new Value(source, parameter);
            switch (JsonText.NameOf(parameter))
            {
                case "iouThrs":
                    protocol = protocol with { IouThresholds = value.List<double>("numbers", TryNumber) };
                    break;
                case "recThrs":
                    protocol = protocol with { RecallThresholds = value.List<double>("numbers", TryNumber) };
                    break;
                case "maxDets":
                    protocol = protocol with { MaxDetections = value.List<int>("integers", TryLimit) };
                    break;
                case "imgIds":
                    protocol = protocol with { ImageIds = value.List<long>("integers", TryId) };
                    break;
                case "catIds":
                    protocol = protocol with { CategoryIds = value.List<long>("integers", TryId) };
                    break;
                case "areaRng":
                    ranges = value.List<double[]>("[lower, upper] pairs", TryRange);
                    break;
                case "areaRngLbl":
                    labels = value.List<string>("Unicode texts", TryText);
                    break;
                case "useCats":
                    protocol = protocol with { UseCategories = value.Flag() };
                    break;
                case "sigmas" when protocol is CocoProtocol { Kind: IouKind.Keypoints } keypoints:
                    protocol = (T)(Protocol)(keypoints with { Sigmas = value.List<double>("numbers", TryNumber) });
                    break;
                case "iouType":
                    value.RequireText(IouTypeOf(protocol));
                    break;
                default:
                    throw new InvalidInputException($"{source}: \"{value.Name}\" is no parameter of {protocol.Name}; those are {Known(protocol)}.");
            }
        }
        protocol = protocol with { AreaRanges = Ranges(ranges, labels, defaults.AreaRanges, source) };
        protocol.Validate();
        return protocol;
    }

    private static AreaRange[] Ranges(double[][]? ranges, string[]? labels, IReadOnlyList<AreaRange> defaults, string source)
    {
        var count = ranges?.Length ?? defaults.Count;
        if (labels is not null && labels.Length != count)
            throw new InvalidInputException($"{source}: \"areaRngLbl\" has {labels.Length} names for {count} area ranges; each range needs one.");
        if (ranges is null)
            return [.. defaults.Select((range, i) => labels is null ? range : range with { Name = labels[i] })];
        // Ranges without names take the default names in order, as in the reference; those further than its areas are named by their edges.
        string Default(int i, double[] edge)
            => i < defaults.Count && defaults[i].Measure is SizeMeasure.Area ? defaults[i].Name : string.Create(CultureInfo.InvariantCulture, $"{edge[0]}-{edge[1]}");
        return [.. ranges.Select((edge, i) => new AreaRange(labels is not null ? labels[i] : Default(i, edge), edge[0], edge[1]))];
    }

    private static string Known(Protocol protocol)
        => $"iouType, iouThrs, recThrs, maxDets, areaRng, areaRngLbl, useCats, imgIds{(protocol is CocoProtocol { Kind: IouKind.Keypoints } ? ", catIds and sigmas" : " and catIds")}";

    private static string IouTypeOf(Protocol protocol) => protocol.Parts switch
    {
        AnnotationParts.Keypoints => "keypoints",
        AnnotationParts.Segmentations => "segm",
        _ => "bbox",
    };

    private static bool TryNumber(JsonElement element, out double number)
    {
        number = 0;
        return element.ValueKind is JsonValueKind.Number && element.TryGetDouble(out number) && double.IsFinite(number);
    }

    private static bool TryLimit(JsonElement element, out int number)
    {
        number = 0;
        return element.ValueKind is JsonValueKind.Number && element.TryGetInt32(out number);
    }

    private static bool TryId(JsonElement element, out long number)
    {
        number = 0;
        return element.ValueKind is JsonValueKind.Number && element.TryGetInt64(out number);
    }

    private static bool TryText(JsonElement element, out string text)
    {
        var read = element.ValueKind is JsonValueKind.String ? JsonText.Of(element) : null;
        text = read ?? "";
        return read is not null;
    }

    private static bool TryRange(JsonElement element, out double[] edges)
    {
        edges = new double[2];
        return element.ValueKind is JsonValueKind.Array && element.GetArrayLength() == 2
            && TryNumber(element[0], out edges[0]) && TryNumber(element[1], out edges[1]);
    }

    private delegate bool TryRead<T>(JsonElement element, out T value);

    /// <summary>One parameter's value, and how to complain about it.</summary>
    private readonly record struct Value(string Source, JsonProperty Parameter)
    {
        /// <summary>The parameter's name, as it is written.</summary>
        public string Name => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(Parameter));

        private JsonElement Element => Parameter.Value;

        public T[] List<T>(string kind, TryRead<T> read)
        {
            if (Element.ValueKind is not JsonValueKind.Array)
                throw Fault(Element, $"an array of {kind}");
            var values = new List<T>();
            foreach (var element in Element.EnumerateArray())
                values.Add(read(element, out var value) ? value : throw Fault(element, $"an array of {kind}"));
            return [.. values];
        }

        public bool Flag() => Element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number when Element.TryGetInt32(out var flag) && flag is 0 or 1 => flag == 1,
            _ => throw Fault(Element, "0 (pool all categories) or 1"),
        };

        public void RequireText(string text)
        {
            if (Element.ValueKind is not JsonValueKind.String || JsonText.Of(Element) != text)
                throw Fault(Element, $"\"{text}\"");
        }

        private InvalidInputException Fault(JsonElement at, string allowed)
            => new($"{Source}: \"{Name}\" holds {Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(at))}; it must be {allowed}.");
    }
}
