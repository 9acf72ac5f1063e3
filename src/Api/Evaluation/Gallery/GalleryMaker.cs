using Serve.Api.Datasets;
using Serve.Api.Datasets.Pictures;
using Serve.Api.Evaluation.Jobs;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Jobs;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;

namespace Serve.Api.Evaluation.Gallery;

/// <summary>A gallery that can be looked through.</summary>
/// <param name="Opened">The dataset.</param>
/// <param name="Dataset">Its split.</param>
/// <param name="Detections">What was evaluated.</param>
/// <param name="Gallery">What became of it.</param>
internal sealed record OpenedGallery(OpenedDataset Opened, Dataset Dataset, DetectionTable Detections, ErrorGallery Gallery);

/// <summary>
/// Judges the stored detections of evaluations, one at a time, so that many who ask do not fill the memory; the last ones are kept, because whoever looks through a gallery
/// asks for page after page.
/// </summary>
internal sealed class GalleryMaker(EvaluationQueries queries, DatasetCatalogue datasets, SpareCores cores) : IDisposable
{
    private const int Kept = 2;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly List<(string Id, DetectionTable Detections, ErrorGallery Gallery)> _kept = [];

    /// <summary>The gallery of an evaluation that is done.</summary>
    /// <exception cref="InvalidInputException">The dataset is gone or was changed since, or a mask cannot be drawn.</exception>
    public async Task<OpenedGallery> OpenAsync(EvaluationRow evaluation, CancellationToken ct)
    {
        var protocol = Protocols.Find(evaluation.Protocol)!;
        await _gate.WaitAsync(ct);
        try
        {
            var opened = await datasets.ReopenAsync(evaluation.Dataset, evaluation.DatasetVersionHash, ct);
            var dataset = await datasets.ReadAsync(opened.Folder, evaluation.Split, protocol.Parts, ct);
            DatasetCheck.RequireUnchanged(evaluation, dataset);
            var kept = _kept.FindIndex(entry => entry.Id == evaluation.Id);
            if (kept < 0)
            {
                var detections = await queries.DetectionsAsync(evaluation, protocol.Parts, ct);
                _kept.Add((evaluation.Id, detections, await cores.ComputeAsync(threads => ErrorGallery.Of(dataset, detections, protocol, threads, ct), ct)));
                if (_kept.Count > Kept)
                    _kept.RemoveAt(0);
                kept = _kept.Count - 1;
            }
            return new(opened, dataset, _kept[kept].Detections, _kept[kept].Gallery);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A judged image as it stands on the wire.</summary>
    public static GalleryImage ImageOf(JudgedImage image, OpenedGallery opened, CategoryLabels names, PictureAddresses addresses)
    {
        var (dataset, detections) = (opened.Dataset, opened.Detections);
        return new(
            image.Image.Id, image.Image.FileName, image.Image.Width, image.Image.Height, addresses.Of(image.Image), image.Errors.TruePositives, image.Errors.FalsePositives,
            image.Errors.FalseNegatives, image.Errors.F1,
            [.. image.Objects.Select(judged => ObjectOf(judged, dataset.GroundTruths[judged.Row]))],
            [.. image.Detections.Select(DetectionOf)]);

        GalleryObject ObjectOf(JudgedObject judged, GroundTruth item) => new(
            item.Id, names[item.CategoryId], item.CategoryId, DatasetImages.BoxOf(item.X, item.Y, item.Width, item.Height), item.IsCrowd, judged.Verdict,
            judged.Detection is { } row ? names[detections.CategoryIds[row]] : null, SegmentationJson.Of(dataset.Segmentations, judged.Row));

        GalleryDetection DetectionOf(JudgedDetection judged)
        {
            var row = judged.Row;
            var category = detections.CategoryIds[row];
            return new(
                names[category], category, detections.Scores[row], DatasetImages.BoxOf(detections.X[row], detections.Y[row], detections.Width[row], detections.Height[row]), judged.Verdict,
                judged.Object is { } taken ? names[dataset.GroundTruths[taken].CategoryId] : null, SegmentationJson.Of(detections.Segmentations, row));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();
}
