namespace Serve.Eval.Usb;

/// <summary>Ways to divide objects by size.</summary>
[Flags]
public enum ScaleMeasures
{
    /// <summary>COCO's small, medium and large alone.</summary>
    None = 0,

    /// <summary>RSAP: nine ranges of relative scale.</summary>
    Relative = 1,

    /// <summary>ASAP: nine ranges of absolute scale.</summary>
    Absolute = 2,

    /// <summary>Absolute scale in even steps of 32 pixels.</summary>
    Linear = 4,

    /// <summary>BandASAP: nine overlapping bands of absolute scale.</summary>
    Bands = 8,

    /// <summary>The ranges of the TinyPerson benchmark.</summary>
    TinyPerson = 16,

    /// <summary>All of them.</summary>
    All = Relative | Absolute | Linear | Bands | TinyPerson,
}
