namespace Serve.Inference.Repository;

/// <summary>What putting a version did.</summary>
/// <param name="Outcome">Whether it is new.</param>
/// <param name="Version">The version as it stands now.</param>
public sealed record PutResult(PutOutcome Outcome, ModelVersion Version);

/// <summary>What putting a version did.</summary>
public enum PutOutcome
{
    /// <summary>There was no such version.</summary>
    Created,

    /// <summary>It took the place of another.</summary>
    Replaced,

    /// <summary>The same files were there already.</summary>
    Unchanged,
}

/// <summary>What must hold of the version that is there, so that two who change it do not undo each other's work.</summary>
/// <param name="Tags">It must have one of these as its <see cref="ModelVersion.Tag"/>; null for any.</param>
/// <param name="OnlyNew">There must be none.</param>
/// <param name="OnlyOld">There must be one, whatever its tag.</param>
public sealed record PutCondition(IReadOnlyList<string>? Tags = null, bool OnlyNew = false, bool OnlyOld = false)
{
    /// <summary>Nothing must hold.</summary>
    public static PutCondition None { get; } = new();

    /// <summary>Refuses when it does not hold.</summary>
    /// <exception cref="ModelConflictException">It does not hold.</exception>
    internal void Require(string? tag, string what)
    {
        if (OnlyNew && tag is not null)
            throw new ModelConflictException($"{what} is there already, with the tag {tag}.", isCondition: true);
        if (OnlyOld && tag is null)
            throw new ModelConflictException($"{what} is not there, but has to be.", isCondition: true);
        if (Tags is not { } allowed || (tag is not null && allowed.Contains(tag)))
            return;
        var expected = string.Join(" or ", allowed.DefaultIfEmpty("none"));
        throw new ModelConflictException(tag is null ? $"{what} is not there, but should have the tag {expected}." : $"{what} has the tag {tag}, not {expected}.", isCondition: true);
    }
}
