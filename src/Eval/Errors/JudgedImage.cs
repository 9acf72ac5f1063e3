using Serve.Eval.Datasets;

namespace Serve.Eval.Errors;

/// <summary>An object and what became of it.</summary>
/// <param name="Row">Its row in the dataset.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Detection">Row of the detection that takes it; null for none.</param>
public sealed record JudgedObject(int Row, Verdict Verdict, int? Detection);

/// <summary>A detection and what became of it.</summary>
/// <param name="Row">Its row in the detection table.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Object">Row of the object that it takes; null for none.</param>
public sealed record JudgedDetection(int Row, Verdict Verdict, int? Object);

/// <summary>An image with what became of each object and detection on it. Not for others where annotations are private.</summary>
/// <param name="Image">The image.</param>
/// <param name="Errors">Its counts as the protocol matches, categories apart: of the asked category where one was asked for.</param>
/// <param name="Objects">Its objects, in file order.</param>
/// <param name="Detections">Its detections from the gallery's score on, by falling score.</param>
public sealed record JudgedImage(ImageEntry Image, ImageErrors Errors, IReadOnlyList<JudgedObject> Objects, IReadOnlyList<JudgedDetection> Detections);
