using Serve.Eval.Datasets;
using Serve.Inference.Families;

namespace Serve.Inference.Decoding;

/// <summary>Turns score channels and labels into places in a passport's list of categories.</summary>
internal sealed class LabelMap
{
    private readonly DecodingSpec _spec;
    private readonly int _categories;
    private readonly Dictionary<long, int>? _places;

    public LabelMap(DecodingSpec spec, IReadOnlyList<Category> categories)
    {
        (_spec, _categories) = (spec, categories.Count);
        if (spec.LabelsAreIds)
            _places = categories.Select((category, place) => (category.Id, place)).ToDictionary(pair => pair.Id, pair => pair.place);
    }

    /// <summary>First score channel of a category, and the one after the last: all but the background.</summary>
    public (int First, int End) Foreground(int channels) => _spec.Background switch
    {
        null => (0, channels),
        0 => (1, channels),
        _ => (0, channels - 1),
    };

    /// <summary>Channel of the background; -1 where there is none.</summary>
    public int BackgroundChannel(int channels) => _spec.Background switch
    {
        null => -1,
        0 => 0,
        _ => channels - 1,
    };

    /// <summary>What is wrong with a number of score channels; null when nothing is.</summary>
    public string? ChannelFault(int channels)
    {
        var (first, end) = Foreground(channels);
        var named = end - first - _spec.LabelOffset;
        return _places is not null || named == _categories
            ? null
            : $"decoding.scores: {channels} channels{(_spec.Background is null ? "" : " with the background")} stand for {named} categories; the passport lists {_categories}";
    }

    /// <summary>Place of a score channel's category; -1 where it stands for none.</summary>
    public int OfChannel(int channel)
    {
        if (_places is not null)
            return _places.GetValueOrDefault(channel - _spec.LabelOffset, -1);
        var place = channel - (_spec.Background == 0 ? 1 : 0) - _spec.LabelOffset;
        return place < 0 || place >= _categories ? -1 : place;
    }

    /// <summary>Place of a label's category; -1 for an empty row.</summary>
    /// <exception cref="ModelOutputException">There is no such category.</exception>
    public int OfLabel(float value, string output, int row)
    {
        if (!float.IsFinite(value))
            throw new ModelOutputException($"output '{output}', row {row}: the label is {value}.");
        var label = (long)Math.Round(value) - _spec.LabelOffset;
        if (label < 0)
            return -1;
        if (_places is not null)
            return _places.TryGetValue(label, out var place) ? place : throw new ModelOutputException($"output '{output}', row {row}: the passport lists no category with id {label}.");
        return label < _categories
            ? (int)label
            : throw new ModelOutputException($"output '{output}', row {row}: the label is {value}; the passport lists {_categories} categories{(_spec.LabelOffset == 0 ? "" : $", from label {_spec.LabelOffset} on")}.");
    }
}
