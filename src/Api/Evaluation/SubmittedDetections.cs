using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Detection;

namespace Serve.Api.Evaluation;

/// <summary>Detections that a client made elsewhere, as they came: what reads results files reads them, so that the numbers are those of the file.</summary>
[JsonConverter(typeof(SubmittedDetectionsConverter))]
public sealed class SubmittedDetections
{
    private readonly Func<Stream> _open;

    internal SubmittedDetections(Func<Stream> open) => _open = open;

    /// <summary>The content of a results file, COCO JSON or CSV, compressed by gzip or not. The caller closes it.</summary>
    internal Stream Open() => _open();

    /// <summary>Describes them as what they are on the wire: a list of results.</summary>
    internal static async Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        if (context.JsonTypeInfo.Type == typeof(CocoDetection) && schema.Properties is { } properties)
            properties["segmentation"] = MaskDescription.Of(properties["segmentation"].Description, "One polygon or more, each x and y of its corners in turn; together they are the mask.");
        var isByDataset = context.JsonTypeInfo.Type == typeof(IReadOnlyDictionary<string, SubmittedDetections>);
        if (context.JsonTypeInfo.Type != typeof(SubmittedDetections) && !isByDataset)
            return;
        var list = isByDataset ? new OpenApiSchema() : schema;
        list.Type = JsonSchemaType.Array;
        var item = await context.GetOrCreateSchemaAsync(typeof(CocoDetection), null, ct);
        context.Document?.AddComponent(nameof(CocoDetection), item);
        list.Items = context.Document is { } document ? new OpenApiSchemaReference(nameof(CocoDetection), document) : item;
        if (isByDataset)
            schema.AdditionalProperties = list;
    }
}

/// <summary>Keeps the bytes of a list; that it is one, and of what, is looked at later.</summary>
internal sealed class SubmittedDetectionsConverter : JsonConverter<SubmittedDetections>
{
    /// <inheritdoc/>
    public override SubmittedDetections Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        var bytes = JsonMarshal.GetRawUtf8Value(value.RootElement).ToArray();
        return new(() => new MemoryStream(bytes, writable: false));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SubmittedDetections value, JsonSerializerOptions options)
        => throw new NotSupportedException("Submitted detections are read, never written.");
}
