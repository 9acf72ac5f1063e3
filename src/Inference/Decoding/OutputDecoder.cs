using Microsoft.ML.OnnxRuntime;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Onnx;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Decoding;

/// <summary>Reads detections from a model's outputs as a <see cref="DecodingSpec"/> says. Thread-safe.</summary>
/// <remarks>
/// In this order: scores at or above the threshold, best first; their boxes; suppression; the model's own limit; cut at the picture's edges, where a box
/// that then has no area is left out; the limit asked for; masks and keypoints of what is left.
/// </remarks>
internal sealed class OutputDecoder
{
    private readonly DecodingSpec _spec;
    private readonly IReadOnlyList<Category> _categories;
    private readonly LabelMap _labels;
    private readonly DecodingLayout _layout;
    private readonly PlaceGrid? _grid;
    private readonly ScoreSearch _search;
    private readonly BoxReader _boxes;
    private readonly MaskReader? _masks;
    private readonly KeypointReader? _keypoints;

    private OutputDecoder(DecodingSpec spec, IReadOnlyList<Category> categories)
    {
        (_spec, _categories) = (spec, categories);
        _labels = new LabelMap(spec, categories);
        _layout = new DecodingLayout(spec, _labels);
        _grid = spec.Grid is null ? null : new PlaceGrid(spec.Grid);
        _search = new ScoreSearch(spec, _labels, _grid);
        _boxes = new BoxReader(spec, _grid);
        _masks = spec.Masks is null ? null : new MaskReader(spec.Masks, _layout.Masks);
        _keypoints = spec.Keypoints is null ? null : new KeypointReader(spec, spec.Keypoints);
    }

    /// <summary>Names of the outputs to fetch, in the order in which <see cref="Decode"/> gets them.</summary>
    public IReadOnlyList<string> Outputs => _layout.Outputs;

    /// <summary>Which of <see cref="Outputs"/> have the batch as first dimension.</summary>
    public IReadOnlyList<bool> AreByPicture => _layout.AreByPicture;

    /// <summary>Compiles a spec.</summary>
    /// <exception cref="InvalidInputException">The spec contradicts itself; the message lists every fault.</exception>
    public static OutputDecoder Create(DecodingSpec spec, InputSpec input, IReadOnlyList<Category> categories)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(categories);
        var faults = DecodingRules.Faults(spec).ToList();
        if (spec.LabelsAreIds && categories.DistinctBy(category => category.Id).Count() != categories.Count)
            faults.Add("decoding.labelsAreIds: two categories have the same id");
        return faults.Count == 0
            ? new OutputDecoder(spec, categories)
            : throw new InvalidInputException($"the decoding has {(faults.Count == 1 ? "a fault" : $"{faults.Count} faults")}: {string.Join("; ", faults)}.");
    }

    /// <summary>What of a graph's outputs does not fit, as far as the graph tells their shapes.</summary>
    public IEnumerable<string> Faults(IReadOnlyList<GraphTensor> outputs) => _layout.Faults(outputs);

    /// <summary>Adds the detections of one picture, by falling score, in pixels of the original picture and cut at its edges.</summary>
    /// <param name="outputs">The outputs of a run over a batch, in the order of <see cref="Outputs"/>.</param>
    /// <param name="index">Which picture of the batch.</param>
    /// <param name="plan">Where that picture lies in the input.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="defaultThreshold">Score threshold where none is asked for.</param>
    /// <param name="detections">Where to add them.</param>
    /// <exception cref="ModelOutputException">The outputs have other shapes than the spec says, or hold what is no number or no category.</exception>
    public void Decode(
        IReadOnlyList<OrtValue> outputs, int index, in ResizePlan plan, DetectionOptions options, double defaultThreshold, List<DetectedObject> detections)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(detections);
        var work = DecodingScratch.Current;
        (work.Picture, work.Threshold) = (index, options.ScoreThreshold ?? defaultThreshold);
        try
        {
            work.Keys.Clear();
            _layout.Load(work, outputs);
            _grid?.Lay(work.Boxes, plan.InputWidth, plan.InputHeight, work.GridFor(_grid.Levels));
            if (_layout.Selected < 0)
                _search.Find(work);
            else
                _search.FindSelected(work, _layout.Selected);
            work.Keys.Sort(_spec.Nms is { } nms ? nms.MaxCandidates : _spec.MaxDetections);
            Add(work, plan, options, detections);
        }
        finally
        {
            work.Tensors.Clear();
        }
    }

    private void Add(DecodingScratch work, in ResizePlan plan, DetectionOptions options, List<DetectedObject> detections)
    {
        var keys = work.Keys.All;
        var channels = work.Scores.Channels;
        var places = work.PlacesFor(keys.Length);
        for (var i = 0; i < keys.Length; i++)
            places[i] = _spec.Labels is null ? _labels.OfChannel((int)(CandidateKeys.Place(keys[i]) % channels)) : _search.Label(work, (int)CandidateKeys.Place(keys[i]));
        if (_spec.Nms is { } nms)
            work.Suppression.Begin(places, nms.PerCategory ? _categories.Count : 1, options.Iou ?? nms.Iou, nms.PerCategory);

        var (kept, added) = (0, 0);
        for (var i = 0; i < keys.Length && added < options.MaxDetections && (_spec.MaxDetections == 0 || kept < _spec.MaxDetections); i++)
        {
            var location = (int)(CandidateKeys.Place(keys[i]) / channels);
            var box = _boxes.Read(work, location, plan);
            if (_spec.Nms is not null && !work.Suppression.Keep(places[i], box))
                continue;

            kept++;
            var clipped = plan.Clip(box);
            if (!(clipped.Width > 0 && clipped.Height > 0))
                continue;
            added++;
            detections.Add(new DetectedObject(_categories[places[i]], CandidateKeys.Score(keys[i]), clipped)
            {
                Mask = options.Masks ? _masks?.Read(work, location, places[i], box, plan) : null,
                Keypoints = _keypoints?.Read(work, location, _boxes.Place(work, location, plan), plan),
            });
        }
    }
}
