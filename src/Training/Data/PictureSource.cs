using Serve.Eval.Datasets;
using Serve.Inference.Pictures;

namespace Serve.Training.Data;

/// <summary>A dataset and where its pictures come from.</summary>
/// <param name="Read">Decodes an image's picture.</param>
/// <param name="Dataset">The dataset.</param>
internal sealed record PictureSource(Func<ImageEntry, Picture> Read, Dataset Dataset);
