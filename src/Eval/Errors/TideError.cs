using System.Text.Json.Serialization;

namespace Serve.Eval.Errors;

/// <summary>
/// What is wrong with a detection, or with an object that none found. Each detection that is not right has exactly one kind: the first that fits, in the order
/// <see cref="Loc"/>, <see cref="Cls"/>, <see cref="Dupe"/>, <see cref="Bkg"/>, <see cref="Both"/>.
/// </summary>
/// <remarks>Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors", ECCV 2020.</remarks>
[JsonConverter(typeof(JsonStringEnumConverter<TideError>))]
public enum TideError : byte
{
    /// <summary>Classification: it lies well on an object of another category.</summary>
    Cls,

    /// <summary>Localisation: it lies on an object of its category, but not well enough.</summary>
    Loc,

    /// <summary>Both: it lies on an object of another category, and not well enough either.</summary>
    Both,

    /// <summary>Duplicate: it lies well on an object of its category that a detection with a higher score has found.</summary>
    Dupe,

    /// <summary>Background: it lies on no object.</summary>
    Bkg,

    /// <summary>Missed: an object that no detection found, nor would find if its category or place were right.</summary>
    Miss,
}
