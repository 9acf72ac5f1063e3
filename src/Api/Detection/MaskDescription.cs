using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Datasets.Pictures;
using Serve.Api.Evaluation.Gallery;

namespace Serve.Api.Detection;

/// <summary>Describes the two forms of a mask, which no type of ours has.</summary>
internal static class MaskDescription
{
    /// <summary>Completes the schemas of the documents that hold masks.</summary>
    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        var type = context.JsonTypeInfo.Type;
        if (schema.Properties is not { } properties)
            return Task.CompletedTask;
        var member = type == typeof(DetectionDocument) ? "mask" : type == typeof(CocoResultDocument) ? "segmentation" : null;
        if (member is not null)
            properties[member] = Of(properties[member].Description, "With `masks=polygons`: a polygon for each piece, x and y of its corners in turn. Holes are not told.");
        else if (type == typeof(ImageAnnotation) || type == typeof(GalleryObject) || type == typeof(GalleryDetection))
            properties["mask"] = Of(properties["mask"].Description, "One polygon or more, x and y of its corners in turn; together they are the mask.");
        return Task.CompletedTask;
    }

    /// <summary>A member that is a mask in either form.</summary>
    /// <param name="description">What it is.</param>
    /// <param name="polygons">What polygons are there.</param>
    public static OpenApiSchema Of(string? description, string polygons) => new() { Description = description, OneOf = [Runs(), Polygons(polygons)] };

    private static OpenApiSchema Runs() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Run lengths down the columns, as COCO's tools write and read them.",
        Required = new HashSet<string> { "size", "counts" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["size"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.Integer },
                MinItems = 2,
                MaxItems = 2,
                Description = "Height and width of the picture.",
            },
            ["counts"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The compressed runs." },
        },
    };

    private static OpenApiSchema Polygons(string description) => new()
    {
        Type = JsonSchemaType.Array,
        Description = description,
        Items = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Number }, MinItems = 6 },
    };
}
