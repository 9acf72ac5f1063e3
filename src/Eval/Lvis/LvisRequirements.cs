using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Lvis;

/// <summary>What the LVIS reference refuses.</summary>
internal static class LvisRequirements
{
    /// <summary>Rare, common and frequent.</summary>
    public static readonly string[] Frequencies = ["r", "c", "f"];

    /// <summary>Checks what is evaluated.</summary>
    /// <exception cref="InvalidInputException">
    /// An image or category is to be evaluated that the dataset does not list; or the reference is reproduced, and a category lacks its frequency.
    /// </exception>
    public static void Check(Dataset dataset, InputBuilder builder, LvisProtocol protocol)
    {
        if (protocol.ImageIds is not null)
            RequireListed("ImageIds", builder.ImageIds, dataset.Images.Select(image => image.Id));
        if (protocol.CategoryIds is not null)
            RequireListed("CategoryIds", builder.CategoryIds, dataset.Categories.Select(category => category.Id));
        if (protocol.StrictReference)
        {
            foreach (var category in dataset.Categories.Where(category => builder.Categories.Find(category.Id) >= 0 && !Frequencies.Contains(category.Frequency)))
                throw new InvalidInputException($"category id {category.Id} ({category.Name}) has {(category.Frequency is null ? "no \"frequency\"" : $"the \"frequency\" \"{category.Frequency}\"")}; the LVIS reference needs \"r\", \"c\" or \"f\".");
        }
    }

    private static void RequireListed(string parameter, long[] wanted, IEnumerable<long> listed)
    {
        var known = listed.ToHashSet();
        foreach (var id in wanted.Where(id => !known.Contains(id)))
            throw new InvalidInputException($"{parameter} holds {id}, which the dataset does not list; it lists {known.Count}.");
    }
}
