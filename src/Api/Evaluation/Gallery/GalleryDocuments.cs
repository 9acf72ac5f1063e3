using System.Text.Json;
using System.Text.Json.Serialization;
using Serve.Api.Detection;
using Serve.Eval.Errors;

namespace Serve.Api.Evaluation.Gallery;

/// <summary>Images of an evaluation with what became of each object and detection.</summary>
public sealed record GalleryDocument
{
    /// <summary>The evaluation.</summary>
    public required string Evaluation { get; init; }

    /// <summary>`worst`, `missed`, `false` or `confused`.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the category whose errors count; null for all.</summary>
    public string? Category { get; init; }

    /// <summary>Overlap from which a detection lies on an object; null where it is withheld.</summary>
    public double? IouThreshold { get; init; }

    /// <summary>Score from which detections are looked at: that of the highest F1. Null where it is withheld.</summary>
    public double? ScoreThreshold { get; init; }

    /// <summary>One page.</summary>
    public IReadOnlyList<GalleryImage> Images { get; init; } = [];

    /// <summary>Number of all images that belong here; null where it is withheld.</summary>
    public int? Total { get; init; }

    /// <summary>Place of the page's first.</summary>
    public required int Offset { get; init; }

    /// <summary>Most entries in a page.</summary>
    public required int Limit { get; init; }

    /// <summary>What is not told because the annotations are private; empty when all is told.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];
}

/// <summary>An image with what became of each object and detection.</summary>
/// <param name="Id">Id of the image.</param>
/// <param name="FileName">Name of its picture; empty where the dataset names none.</param>
/// <param name="Width">Width in pixels; 0 where the dataset does not say.</param>
/// <param name="Height">Height in pixels; 0 where the dataset does not say.</param>
/// <param name="Picture">Address of its picture; null where the dataset has no pictures.</param>
/// <param name="TruePositives">Detections that the protocol matches with an object of their category. With a category, this and what follows is of it alone.</param>
/// <param name="FalsePositives">Detections that it matches with none.</param>
/// <param name="FalseNegatives">Objects that it matches with none.</param>
/// <param name="F1">2 TP / (2 TP + FP + FN); null where there are neither detections nor objects.</param>
/// <param name="GroundTruth">The objects, in file order.</param>
/// <param name="Detections">The detections from the score on, by falling score.</param>
public sealed record GalleryImage(
    long Id, string FileName, int Width, int Height, string? Picture, int TruePositives, int FalsePositives, int FalseNegatives, double? F1,
    IReadOnlyList<GalleryObject> GroundTruth, IReadOnlyList<GalleryDetection> Detections);

/// <summary>An object and what became of it.</summary>
/// <param name="Id">Id of the annotation.</param>
/// <param name="Category">Name of its category.</param>
/// <param name="CategoryId">Id of its category.</param>
/// <param name="Box">Where it is.</param>
/// <param name="IsCrowd">A region with many objects that are not annotated one by one.</param>
/// <param name="Verdict">`matched`, `confused` (taken for another category), `missed`, or `ignored` (nobody has to find it).</param>
/// <param name="DetectedAs">Category of the detection on it; null without one.</param>
/// <param name="Mask">Under protocols of masks: polygons or run lengths, as the annotation file has it.</param>
public sealed record GalleryObject(
    long Id, string Category, long CategoryId, BoxDocument Box, bool IsCrowd, Verdict Verdict, string? DetectedAs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Mask = null);

/// <summary>A detection and what became of it.</summary>
/// <param name="Category">Name of its category.</param>
/// <param name="CategoryId">Id of its category.</param>
/// <param name="Score">Confidence.</param>
/// <param name="Box">Where it is.</param>
/// <param name="Verdict">`matched`, `confused` (on an object of another category), `false` (on nothing), or `ignored` (on what nobody has to find).</param>
/// <param name="Truth">Category of the object that it lies on; null without one.</param>
/// <param name="Mask">Under protocols of masks, where it has one: run lengths, or polygons that were submitted.</param>
public sealed record GalleryDetection(
    string Category, long CategoryId, double Score, BoxDocument Box, Verdict Verdict, string? Truth,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Mask = null);
