using System.Text.Json;
using System.Text.Json.Serialization;
using Serve.Api.Detection;

namespace Serve.Api.Datasets.Pictures;

/// <summary>Images of a split.</summary>
/// <param name="Name">Name of the dataset.</param>
/// <param name="Version">Number of its version.</param>
/// <param name="Split">The split.</param>
/// <param name="Images">One page, in the order of the annotation file.</param>
/// <param name="Total">Number of all images of the split.</param>
/// <param name="Offset">Place of the page's first.</param>
/// <param name="Limit">Most entries in a page.</param>
/// <param name="Withheld">What is not told because the annotations are private; empty when all is told.</param>
public sealed record DatasetImageList(
    string Name, int Version, string Split, IReadOnlyList<DatasetImage> Images, int Total, int Offset, int Limit, IReadOnlyList<string> Withheld);

/// <summary>An image of a dataset.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FileName">Name of its picture; empty where the dataset names none.</param>
/// <param name="Width">Width in pixels; 0 where the dataset does not say.</param>
/// <param name="Height">Height in pixels; 0 where the dataset does not say.</param>
/// <param name="Picture">Address of its picture; null where the dataset has no pictures.</param>
/// <param name="Annotations">Its objects, in file order; null where they are withheld.</param>
public sealed record DatasetImage(long Id, string FileName, int Width, int Height, string? Picture, IReadOnlyList<ImageAnnotation>? Annotations);

/// <summary>An annotated object.</summary>
/// <param name="Id">Id of the annotation.</param>
/// <param name="Category">Name of its category.</param>
/// <param name="CategoryId">Id of its category.</param>
/// <param name="Box">Where it is.</param>
/// <param name="IsCrowd">A region with many objects that are not annotated one by one.</param>
/// <param name="Mask">With <c>masks=true</c>, where it has one: polygons or run lengths, as the annotation file has it.</param>
public sealed record ImageAnnotation(
    long Id, string Category, long CategoryId, BoxDocument Box, bool IsCrowd, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Mask = null);
