namespace Serve.Eval.Usb;

/// <summary>The three datasets of the benchmark.</summary>
public enum UsbDataset
{
    /// <summary>COCO: everyday photographs, 80 categories.</summary>
    Coco,

    /// <summary>Waymo Open Dataset, camera boxes, every tenth frame (f0): vehicles, pedestrians, cyclists.</summary>
    Wod,

    /// <summary>Manga109-s: bodies, faces, frames and texts on scanned pages.</summary>
    M109s,
}
