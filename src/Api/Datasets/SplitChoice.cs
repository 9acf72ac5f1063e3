using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.Api.Datasets;

/// <summary>Which split of a dataset is meant.</summary>
internal static class SplitChoice
{
    /// <summary>The split that is asked for; without one <c>test</c> where there is one, else the only one.</summary>
    /// <exception cref="InvalidInputException">There is no such split, or one has to be named; the message lists those there are.</exception>
    public static string Of(DatasetFolder folder, string? asked)
    {
        var list = string.Join(", ", folder.Splits);
        if (asked is not null)
            return folder.Splits.Contains(asked) ? asked : throw new InvalidInputException($"Dataset \"{folder.Name}\" has no split \"{asked}\". Splits: {list}.");
        if (folder.Splits.Contains("test"))
            return "test";
        return folder.Splits is [var only] ? only : throw new InvalidInputException($"Dataset \"{folder.Name}\" has no split \"test\"; name one of its splits: {list}.");
    }
}
