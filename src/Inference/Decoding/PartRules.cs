namespace Serve.Inference.Decoding;

/// <summary>What a part of the outputs has to keep, whatever the graph.</summary>
internal static class PartRules
{
    /// <summary>Faults of a part with locations.</summary>
    /// <param name="path">Its field.</param>
    /// <param name="part">The part.</param>
    /// <param name="grid">The grid of the decoding.</param>
    /// <param name="many">Whether a location may have more than one channel.</param>
    public static IEnumerable<string> Faults(string path, TensorPart part, GridSpec? grid, bool many)
    {
        if (part.Outputs.Count == 0 || part.Outputs.Any(name => name.Length == 0))
            yield return $"{path}.outputs: expected names of outputs, got [{string.Join(", ", part.Outputs)}]";
        if (part.Outputs.Count > 1 && grid is not null && grid.Strides.Count != part.Outputs.Count)
            yield return $"{path}.outputs: {part.Outputs.Count} levels; the grid has {grid.Strides.Count}";

        var axes = part.Axes;
        bool Has(char letter) => axes.Contains(letter, StringComparison.Ordinal);
        if (!AreLetters(axes, "bncyxakp1"))
            yield return $"{path}.axes: '{axes}' may hold b, n, c, y, x, a, k, p, each once, and 1";
        else if (Has('p') && !axes.Contains("pc", StringComparison.Ordinal))
            yield return $"{path}.axes: '{axes}' has p, the keypoints, which stand right before c";
        else if (Has('n') == (Has('y') && Has('x')) || (Has('n') && (Has('y') || Has('x') || Has('a') || Has('k'))))
            yield return $"{path}.axes: '{axes}' needs either n or y and x for the locations";
        else if (Has('k') && (Has('a') || Has('c')))
            yield return $"{path}.axes: '{axes}' has k, which is anchor and channel in one, beside {(Has('a') ? 'a' : 'c')}";
        else if (Has('k') && grid is null)
            yield return $"{path}.axes: '{axes}' has k, which needs a grid that tells the anchors of a cell";

        if (part.From < 0)
            yield return $"{path}.from: {part.From} is below 0";
        if (part.Channels < 0 || (!many && part.Channels > 1))
            yield return $"{path}.channels: {part.Channels} {(many ? "is below 0" : "lies outside 0..1")}";
        if (!Has('c') && !Has('k') && (part.From > 0 || part.Channels > 1))
            yield return $"{path}.axes: '{axes}' has no channels, from which {part.From} on could be taken";
    }

    /// <summary>Whether a text holds only the allowed letters, none but 1 twice.</summary>
    public static bool AreLetters(string axes, string allowed)
        => axes.Length > 0 && !axes.AsSpan().ContainsAnyExcept(allowed) && axes.Where(letter => letter != '1').Distinct().Count() == axes.Count(letter => letter != '1');
}
